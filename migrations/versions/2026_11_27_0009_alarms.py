"""An alarm about one thing is raised once.

Revision ID: 0009
Revises: 0008
"""

from billing_service.schema.migrate import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("alarms.sql")


def downgrade() -> None:
    run_script("alarms_down.sql")
