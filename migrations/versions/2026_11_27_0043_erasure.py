"""What says who a user is may be erased of his consents.

Revision ID: 0043
Revises: 0042
"""

from billing_service.schema.migrate import run_script

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("erasure.sql")


def downgrade() -> None:
    run_script("erasure_down.sql")
