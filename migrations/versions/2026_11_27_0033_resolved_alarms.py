"""An alarm is resolved once a person has decided.

Revision ID: 0033
Revises: 0032
"""

from billing_service.schema.migrate import run_script

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("resolved_alarms.sql")


def downgrade() -> None:
    run_script("resolved_alarms_down.sql")
