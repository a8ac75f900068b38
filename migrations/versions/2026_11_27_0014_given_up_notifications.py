"""A notification that led to nothing for a day is put aside, and a row has one job at a time.

Revision ID: 0014
Revises: 0013
"""

from billing_service.schema.migrate import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("given_up_notifications.sql")


def downgrade() -> None:
    run_script("given_up_notifications_down.sql")
