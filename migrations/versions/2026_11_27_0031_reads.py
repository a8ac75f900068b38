"""Each change of who is PRO is noted, and what is asked of many users or days is found by indexes.

Revision ID: 0031
Revises: 0030
"""

from billing_service.schema.migrate import run_script

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("reads.sql")


def downgrade() -> None:
    run_script("reads_down.sql")
