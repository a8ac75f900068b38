"""The tables of the job library, as pgqueuer 1.6.0 itself writes them (`pgq sql install`).

Revision ID: 0003
Revises: 0002
"""

from billing_service.schema.migrate import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("pgqueuer_1_6_0.sql")


def downgrade() -> None:
    run_script("pgqueuer_1_6_0_down.sql")
