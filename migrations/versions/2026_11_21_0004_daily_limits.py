"""Exact daily limits.

Revision ID: 0004
Revises: 0003
"""

from billing_service.schema.migrate import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("usage.sql")


def downgrade() -> None:
    run_script("usage_down.sql")
