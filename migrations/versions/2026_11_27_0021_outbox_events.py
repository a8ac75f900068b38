"""What the main backend is told: written where the fact is, numbered once committed.

Revision ID: 0021
Revises: 0020
"""

from billing_service.schema.migrate import run_script

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("outbox_events.sql")


def downgrade() -> None:
    run_script("outbox_events_down.sql")
