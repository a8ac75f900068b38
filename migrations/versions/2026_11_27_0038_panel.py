"""The owner's panel: who may come in, and what its lists and its search read.

Revision ID: 0038
Revises: 0037
"""

from billing_service.schema.migrate import run_script

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("panel.sql")


def downgrade() -> None:
    run_script("panel_down.sql")
