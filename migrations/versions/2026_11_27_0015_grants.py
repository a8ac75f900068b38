"""Days given by hand.

Revision ID: 0015
Revises: 0014
"""

from billing_service.schema.migrate import run_script

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("grants.sql")


def downgrade() -> None:
    run_script("grants_down.sql")
