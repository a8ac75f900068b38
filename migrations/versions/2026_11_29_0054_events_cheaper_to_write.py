"""An event is written with its state by one look at the user's periods, and indexed once it has a number.

Revision ID: 0054
Revises: 0053
"""

from billing_service.schema.migrate import run_script

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("events_cheaper_to_write.sql")


def downgrade() -> None:
    run_script("events_cheaper_to_write_down.sql")
