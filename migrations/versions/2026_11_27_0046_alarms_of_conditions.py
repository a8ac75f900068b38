"""Alarms about conditions have rows, whose events are written elsewhere.

Revision ID: 0046
Revises: 0045
"""

from billing_service.schema.migrate import run_script

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("alarms_of_conditions.sql")


def downgrade() -> None:
    run_script("alarms_of_conditions_down.sql")
