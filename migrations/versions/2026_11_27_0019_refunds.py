"""Money goes back: refunds are intents like payments, and never more of them are open than was paid.

Revision ID: 0019
Revises: 0018
"""

from billing_service.schema.migrate import contract, run_script

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("refunds.sql")
    # A refund names its shop from now on, which code of before does not write.
    contract("0019")


def downgrade() -> None:
    contract("0017")
    run_script("refunds_down.sql")
