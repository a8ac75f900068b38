"""Charging can be stopped, and who stopped it is known.

Revision ID: 0022
Revises: 0021
"""

from billing_service.schema.migrate import run_script

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("charging_stops.sql")


def downgrade() -> None:
    run_script("charging_stops_down.sql")
