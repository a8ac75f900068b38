"""The database's shape: bring it to the newest migration, and tell whether it is there."""

from functools import cache
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


def _migrations() -> Path:
    """Inside an installed package, or beside `src` in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "migrations"
    return packaged if packaged.is_dir() else package.parents[1] / "migrations"


def alembic_config(database_url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str) -> None:
    """Run every missing migration. Safe to repeat and to run from several places at once: they queue up."""
    command.upgrade(alembic_config(database_url), "head")


def run_script(name: str) -> None:
    """For migrations: all statements of `migrations/versions/{name}`, inside the migration's own transaction."""
    sql = (_migrations() / "versions" / name).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]


@cache
def head() -> str | None:
    """The newest migration of this code; it is read from its files, and health checks ask often."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def is_at_head(connection: AsyncConnection, newest: str | None) -> bool:
    """Whether the database has exactly the shape this code was written for."""
    exists = (
        await connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    ).scalar_one()
    if not exists:
        return False
    versions = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    return list(versions) == [newest]
