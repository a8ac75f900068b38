"""The database's shape: bring it to the newest migration."""

import asyncio
from functools import partial

from alembic import command, op
from alembic.config import Config
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.kit.servers import Servers
from billing_service.schema.ownership import ForeignDatabase, foreign_because
from billing_service.schema.revisions import folder, known, versions_of


def alembic_config(database_url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.set_main_option("path_separator", "os")
    # How long a statement may take is the migrations' own affair.
    config.attributes["connect"] = partial(Servers(database_url).connect, command_timeout=None)
    return config


def upgrade(database_url: str) -> None:
    """Run every missing migration. Safe to repeat and to run from several places at once: they queue up.

    Raises `ForeignDatabase`, or the database's own error; then nothing was changed.
    """
    asyncio.run(_refuse_foreign(database_url))
    command.upgrade(alembic_config(database_url), "head")


async def _refuse_foreign(database_url: str) -> None:
    db = Database(database_url, pool_size=1)
    try:
        async with db.engine.connect() as connection:
            if problem := await foreign_because(connection, await versions_of(connection), known()):
                raise ForeignDatabase(problem)
    finally:
        await db.close()


def contract(oldest: str) -> None:
    """For a migration that takes something away: from now on only code that knows `oldest` may use the database.

    Expand, backfill, contract: a release that needs something new adds it and goes on serving the old; what nobody
    running reads any more is taken away by a later release.
    """
    op.execute(text("UPDATE schema_compatibility SET compatible_from = :oldest").bindparams(oldest=oldest))


def run_script(name: str) -> None:
    """For migrations: all statements of `migrations/versions/{name}`, inside the migration's own transaction."""
    sql = (folder() / "versions" / name).read_text()
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]
