"""Subscriptions renew themselves: notices, bounds of every charge, and when each is looked at.

Revision ID: 0035
Revises: 0034
"""

from billing_service.schema.migrate import run_script

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("renewals.sql")


def downgrade() -> None:
    run_script("renewals_down.sql")
