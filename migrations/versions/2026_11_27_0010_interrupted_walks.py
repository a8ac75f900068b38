"""A step of a walk that was interrupted goes on where it was.

Revision ID: 0010
Revises: 0009
"""

from billing_service.schema.migrate import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("interrupted_walks.sql")


def downgrade() -> None:
    run_script("interrupted_walks_down.sql")
