"""Plans are changed by the service, within what a sold plan promised.

Revision ID: 0025
Revises: 0024
"""

from billing_service.schema.migrate import run_script

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("plans_changed.sql")


def downgrade() -> None:
    run_script("plans_changed_down.sql")
