"""Every fact writes its own event: no path to it can forget that.

Revision ID: 0023
Revises: 0022
"""

from billing_service.schema.migrate import run_script

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("events_of_facts.sql")
    run_script("usage_events.sql")


def downgrade() -> None:
    run_script("usage_events_down.sql")
    run_script("events_of_facts_down.sql")
