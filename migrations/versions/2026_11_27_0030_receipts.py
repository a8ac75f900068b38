"""What a receipt says was sold is frozen on its payment, and its registration is followed.

Revision ID: 0030
Revises: 0029
"""

from billing_service.schema.migrate import run_script

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("receipts.sql")


def downgrade() -> None:
    run_script("receipts_down.sql")
