"""Each day is audited, and what was found is kept.

Revision ID: 0029
Revises: 0028
"""

from billing_service.schema.migrate import run_script

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("daily_audits.sql")


def downgrade() -> None:
    run_script("daily_audits_down.sql")
