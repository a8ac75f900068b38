"""A period is of the kind of its payment's shop, and the shop in force says which kind gives access.

Revision ID: 0014
Revises: 0013
"""

from billing_service.schema.migrate import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("kind_of_shop.sql")


def downgrade() -> None:
    run_script("kind_of_shop_down.sql")
