"""A renewal in flight in a shop that is no longer ours holds back no period but its own.

Revision ID: 0052
Revises: 0051
"""

from billing_service.schema.migrate import run_script

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("renewal_in_flight_per_shop.sql")


def downgrade() -> None:
    run_script("renewal_in_flight_per_shop_down.sql")
