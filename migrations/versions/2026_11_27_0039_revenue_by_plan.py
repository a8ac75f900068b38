"""Sums of money are found by an index that is laid out by plan.

Revision ID: 0039
Revises: 0038
"""

from billing_service.schema.migrate import run_script

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("revenue_by_plan.sql")


def downgrade() -> None:
    run_script("revenue_by_plan_down.sql")
