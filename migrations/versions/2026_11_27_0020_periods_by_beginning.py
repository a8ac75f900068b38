"""Each minute it is asked which periods are still to come.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_subscription_periods_begins ON subscription_periods (lower(span))")


def downgrade() -> None:
    op.execute("DROP INDEX ix_subscription_periods_begins")
