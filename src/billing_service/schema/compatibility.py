"""Whether this database may be used at all: the service refuses to start on one that is not fit."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.config import Settings
from billing_service.kit.clock import is_turnable
from billing_service.kit.db import Database
from billing_service.schema import shop, timezone
from billing_service.schema.ownership import compatible_from, foreign_because
from billing_service.schema.revisions import head, known, versions_of
from billing_service.schema.sessions import read_back, unusable_because


class UnfitDatabase(Exception):
    """One line that says what is wrong and what to do."""


async def unfit_because(connection: AsyncConnection, settings: Settings) -> str | None:
    """Why not, or None."""
    return (
        await _unusable_because(connection, settings)
        or await timezone.trouble_with(connection, settings.billing_timezone.key)
        or await shop.trouble_with(connection, is_test=settings.shop_is_test)
    )


async def _unusable_because(connection: AsyncConnection, settings: Settings) -> str | None:
    """The legacy service once ran without its usage table: every limit was off."""
    versions = await versions_of(connection)
    if list(versions) != [head()] and (problem := await _misfit(connection, versions)):
        return problem
    if not settings.is_dev and await is_turnable(connection):
        return "its clock can be turned: this is a development or test database"
    return await unusable_because(connection)


async def _misfit(connection: AsyncConnection, versions: Sequence[str]) -> str | None:
    """Why a database that is not at our newest migration may not be used. A newer one may say that we still can."""
    if foreign := await foreign_because(connection, versions, known()):
        return foreign
    if not versions or set(versions) <= known():
        return "not at the newest migration: run billing-service migrate"
    oldest = await compatible_from(connection)
    if oldest in known():
        return None
    return f"a newer release has migrated it, and only code that knows migration {oldest} may use it: upgrade this code"


async def refuse_unfit(db: Database, settings: Settings) -> Mapping[str, str]:
    """The settings that every session has, as the database says them. The first to start puts its time zone in force,
    the first of a live shop that.

    Raises `UnfitDatabase`, or the driver's own error if the database cannot be reached.
    """
    async with db.engine.begin() as connection:
        problem = (
            await _unusable_because(connection, settings)
            or await timezone.keep(connection, settings.billing_timezone.key)
            or await shop.keep(connection, is_test=settings.shop_is_test)
        )
        if problem:
            raise UnfitDatabase(f"the database is unfit: {problem}")
        return await read_back(connection)
