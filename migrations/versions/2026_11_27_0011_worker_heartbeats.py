"""Workers let the database know that they are at work.

Revision ID: 0011
Revises: 0010
"""

from billing_service.schema.migrate import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("worker_heartbeats.sql")


def downgrade() -> None:
    run_script("worker_heartbeats_down.sql")
