"""The newest migration, for a database that is ours or empty; one line about any other, and about one that refuses."""

import asyncio
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.config import Settings
from billing_service.dev.errors import CannotStart
from billing_service.kit.db import Database
from billing_service.kit.db_errors import refusal_of
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from billing_service.schema.migrate import upgrade
from billing_service.schema.ownership import ForeignDatabase, foreign_because, something_in
from billing_service.schema.revisions import known, versions_of

LIVE_MONEY = text("SELECT EXISTS (SELECT FROM payments WHERE NOT is_test)")


def migrate(database_url: str, *, allow_production: bool = False) -> None:
    """Bring the database to the newest migration.

    Raises `CannotStart`, and then has changed nothing, when it is somebody else's, when it holds a live shop's payments
    (unless these are allowed), or in the server's own words.
    """
    _or_say_why(lambda: asyncio.run(_refuse_all_but_ours(database_url, allow_production=allow_production)))
    _or_say_why(lambda: upgrade(database_url))


def refuse_unusable(settings: Settings) -> None:
    """Raises `CannotStart` with what API and worker would say against a database that is ours and at head."""

    async def ask() -> None:
        db = Database(settings.database_url, pool_size=1)
        try:
            await refuse_unfit(db, settings)
        finally:
            await db.close()

    _or_say_why(lambda: asyncio.run(ask()))


def _or_say_why(work: Callable[[], None]) -> None:
    try:
        work()
    except ForeignDatabase as error:
        raise CannotStart(f"the database of DATABASE_URL is not ours, and stays as it is: {error}") from error
    except UnfitDatabase as error:
        raise CannotStart(str(error)) from error
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise CannotStart(f"the database of DATABASE_URL {refusal}") from error


async def _refuse_all_but_ours(database_url: str, *, allow_production: bool) -> None:
    db = Database(database_url, pool_size=1)
    try:
        async with db.engine.connect() as connection:
            await _refuse_foreign(connection)
            if not allow_production and await holds_live_money(connection):
                raise CannotStart(
                    "the database of DATABASE_URL holds payments of a live shop: name another one, leave the "
                    "environment aside with --ignore-env, or say --allow-production"
                )
    finally:
        await db.close()


async def _refuse_foreign(connection: AsyncConnection) -> None:
    versions = await versions_of(connection)
    if problem := await foreign_because(connection, versions, known()):
        raise ForeignDatabase(problem)
    if not versions and (found := await something_in(connection)):
        raise ForeignDatabase(f"it is not empty (there is {found}), and no migration of ours has been there")


async def holds_live_money(connection: AsyncConnection) -> bool:
    """Whether real money was ever recorded here; not in a database that has no tables yet."""
    return bool(await versions_of(connection)) and bool(await connection.scalar(LIVE_MONEY))
