"""Nothing stays in doubt: asking by ourselves.

Revision ID: 0005
Revises: 0004
"""

from billing_service.schema.migrate import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("reconcile.sql")


def downgrade() -> None:
    run_script("reconcile_down.sql")
