"""The zone whose midnight ends a day stands in the database.

Revision ID: 0008
Revises: 0007
"""

from billing_service.schema.migrate import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("usage_timezone.sql")


def downgrade() -> None:
    run_script("usage_timezone_down.sql")
