"""A purchase waits a second at most for the row of a card, and gives the days either way.

Revision ID: 0031
Revises: 0030
"""

from billing_service.schema.migrate import run_script

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("keeping_does_not_wait.sql")


def downgrade() -> None:
    run_script("keeping_does_not_wait_down.sql")
