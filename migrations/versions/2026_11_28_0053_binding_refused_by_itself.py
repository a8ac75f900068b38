"""A shop that may bind no card by itself keeps those of purchases all the same.

Revision ID: 0053
Revises: 0052
"""

from billing_service.schema.migrate import run_script

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("binding_refused_by_itself.sql")


def downgrade() -> None:
    run_script("binding_refused_by_itself_down.sql")
