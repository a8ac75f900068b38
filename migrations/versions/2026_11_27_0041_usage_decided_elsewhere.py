"""What was let through while nobody could be asked counts on its own day, whatever the limit says.

Revision ID: 0041
Revises: 0040
"""

from billing_service.schema.migrate import run_script

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("usage_decided_elsewhere.sql")


def downgrade() -> None:
    run_script("usage_decided_elsewhere_down.sql")
