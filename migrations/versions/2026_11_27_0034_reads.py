"""Each change of who is PRO is noted, and what is asked of many users or days is found by indexes.

Revision ID: 0034
Revises: 0033
"""

from billing_service.schema.migrate import run_script

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("reads.sql")


def downgrade() -> None:
    run_script("reads_down.sql")
