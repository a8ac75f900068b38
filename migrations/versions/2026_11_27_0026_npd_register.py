"""What a self-employed person has registered with the tax office is written down.

Revision ID: 0026
Revises: 0025
"""

from billing_service.schema.migrate import run_script

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("npd_register.sql")


def downgrade() -> None:
    run_script("npd_register_down.sql")
