"""A payment that is learned of late takes no place of a card that its payer agreed to since.

Revision ID: 0050
Revises: 0049
"""

from billing_service.schema.migrate import run_script

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("older_word_replaces_no_card.sql")


def downgrade() -> None:
    run_script("older_word_replaces_no_card_down.sql")
