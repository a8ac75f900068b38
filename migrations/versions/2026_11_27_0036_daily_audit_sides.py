"""What a daily audit has compared so far is kept, so that it goes on where it was stopped.

Revision ID: 0036
Revises: 0035
"""

from billing_service.schema.migrate import run_script

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("daily_audit_sides.sql")


def downgrade() -> None:
    run_script("daily_audit_sides_down.sql")
