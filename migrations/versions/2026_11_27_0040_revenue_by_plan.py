"""Sums of money are found by an index that is laid out by plan.

Revision ID: 0040
Revises: 0039
"""

from billing_service.schema.migrate import run_script

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("revenue_by_plan.sql")


def downgrade() -> None:
    run_script("revenue_by_plan_down.sql")
