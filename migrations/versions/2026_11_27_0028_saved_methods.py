"""Consents, saved payment methods, bindings, refusals; a refused method can never be charged again.

Revision ID: 0028
Revises: 0027
"""

from billing_service.schema.migrate import run_script

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("saved_methods.sql")


def downgrade() -> None:
    run_script("saved_methods_down.sql")
