"""A refund that was on its way before its payer asked for the rest leaves his request open.

Revision ID: 0051
Revises: 0050
"""

from billing_service.schema.migrate import run_script

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("refund_before_its_request.sql")


def downgrade() -> None:
    run_script("refund_before_its_request_down.sql")
