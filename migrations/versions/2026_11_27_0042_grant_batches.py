"""The same days for many users, once each.

Revision ID: 0042
Revises: 0041
"""

from billing_service.schema.migrate import run_script

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("grant_batches.sql")


def downgrade() -> None:
    run_script("grant_batches_down.sql")
