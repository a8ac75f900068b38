"""Whoever writes a period plans the changes of access once a session, and not at every period.

Revision ID: 0045
Revises: 0044
"""

from billing_service.schema.migrate import run_script

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("access_changes_planned_once.sql")


def downgrade() -> None:
    run_script("access_changes_planned_once_down.sql")
