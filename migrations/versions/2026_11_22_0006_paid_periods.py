"""A period of a payment is one that was paid, and no plan is longer than a date can say.

Revision ID: 0006
Revises: 0005
"""

from billing_service.schema.migrate import run_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("paid_periods.sql")


def downgrade() -> None:
    run_script("paid_periods_down.sql")
