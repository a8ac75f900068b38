"""Exact daily limits.

Revision ID: 0004
Revises: 0003
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def run(script: str) -> None:
    """Many statements at once, inside the migration's own transaction."""
    sql = (HERE / script).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]


def upgrade() -> None:
    run("usage.sql")


def downgrade() -> None:
    run("usage_down.sql")
