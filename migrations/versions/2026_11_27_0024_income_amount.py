"""What the provider's fee leaves of a payment is kept with it.

Revision ID: 0024
Revises: 0023
"""

from billing_service.schema.migrate import run_script

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("income_amount.sql")


def downgrade() -> None:
    run_script("income_amount_down.sql")
