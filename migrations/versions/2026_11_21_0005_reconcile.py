"""Nothing stays in doubt: asking by ourselves.

Revision ID: 0005
Revises: 0004
"""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def run(script: str) -> None:
    """Many statements at once, inside the migration's own transaction."""
    sql = (HERE / script).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]


def upgrade() -> None:
    run("reconcile.sql")


def downgrade() -> None:
    run("reconcile_down.sql")
