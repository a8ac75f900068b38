"""The tables of the job library, as pgqueuer 1.6.0 itself writes them (`pgq sql install`).

Revision ID: 0003
Revises: 0002
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def run(script: str) -> None:
    """Many statements at once, inside the migration's own transaction."""
    sql = (HERE / script).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]


def upgrade() -> None:
    run("pgqueuer_1_6_0.sql")


def downgrade() -> None:
    run("pgqueuer_1_6_0_down.sql")
