"""The periods of a user are found however his number is written.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The GiST index of the spans only compares bigint with bigint, and a person writes user_id = 1001, an integer.
    op.create_index("ix_subscription_periods_user_id", "subscription_periods", ["user_id"])


def downgrade() -> None:
    op.drop_index("ix_subscription_periods_user_id")
