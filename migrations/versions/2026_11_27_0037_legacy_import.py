"""What is taken over from the tables of the service before this one, and its proof.

Revision ID: 0037
Revises: 0036
"""

from billing_service.schema.migrate import run_script

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("legacy_import.sql")


def downgrade() -> None:
    run_script("legacy_import_down.sql")
