"""The tables, and the one clock every rule reads.

Revision ID: 0001
Revises:
"""

from billing_service.schema.migrate import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("tables.sql")


def downgrade() -> None:
    run_script("tables_down.sql")
