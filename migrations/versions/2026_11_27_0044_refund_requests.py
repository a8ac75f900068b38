"""Payers who ask for their money back, and what they are answered.

Revision ID: 0044
Revises: 0043
"""

from billing_service.schema.migrate import run_script

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("refund_requests.sql")


def downgrade() -> None:
    run_script("refund_requests_down.sql")
