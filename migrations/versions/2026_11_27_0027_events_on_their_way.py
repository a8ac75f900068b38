"""How many events are on their way is counted at every claim, beside a line for every user there ever was.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_event_streams_leased_until ON event_streams (leased_until) WHERE leased_until IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_event_streams_leased_until")
