"""The tables, and the one clock every rule reads.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def run(script: str) -> None:
    """Many statements at once, inside the migration's own transaction."""
    sql = (HERE / script).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]


def upgrade() -> None:
    run("tables.sql")


def downgrade() -> None:
    run("tables_down.sql")
