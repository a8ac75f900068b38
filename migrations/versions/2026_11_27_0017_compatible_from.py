"""The database says which code may use it.

Revision ID: 0017
Revises: 0016
"""

from billing_service.schema.migrate import run_script

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("compatible_from.sql")


def downgrade() -> None:
    run_script("compatible_from_down.sql")
