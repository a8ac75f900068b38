"""Whoever writes events plans them once a session, and not five times.

Revision ID: 0049
Revises: 0048
"""

from billing_service.schema.migrate import run_script

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("events_planned_once.sql")


def downgrade() -> None:
    run_script("events_planned_once_down.sql")
