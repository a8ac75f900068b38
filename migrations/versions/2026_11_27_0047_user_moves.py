"""A user may become another number, with everything that is his.

Revision ID: 0047
Revises: 0046
"""

from billing_service.schema.migrate import run_script

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("user_moves.sql")


def downgrade() -> None:
    run_script("user_moves_down.sql")
