"""The usage functions keep their plans, leave no dead hold behind, and refuse a second time zone.

Revision ID: 0012
Revises: 0011
"""

from billing_service.schema.migrate import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("usage_decisions.sql")


def downgrade() -> None:
    run_script("usage_decisions_down.sql")
