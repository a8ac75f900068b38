"""What nobody reads is not written, and what is old is found by its age.

Revision ID: 0018
Revises: 0017
"""

from billing_service.schema.migrate import run_script

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("retention.sql")


def downgrade() -> None:
    run_script("retention_down.sql")
