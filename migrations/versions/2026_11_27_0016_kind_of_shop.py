"""A period is of the kind of its payment's shop, and the shop in force says which kind gives access.

Revision ID: 0016
Revises: 0015
"""

from billing_service.schema.migrate import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("kind_of_shop.sql")


def downgrade() -> None:
    run_script("kind_of_shop_down.sql")
