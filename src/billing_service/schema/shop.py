"""Which kind of shop a database sells in: whether days paid with a test card give access."""

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger()

IS_TEST = text("SELECT test_days_count()")
PUT_IN_FORCE = text("""
    INSERT INTO shop_in_force (is_test) VALUES (:is_test)
    ON CONFLICT (singleton) DO UPDATE SET is_test = excluded.is_test, since = excluded.since
""")
MODES = {True: "test", False: "prod"}


async def trouble_with(connection: AsyncConnection, *, is_test: bool) -> str | None:
    """Why a process that sells in this kind of shop may not work here, or None."""
    in_force = bool(await connection.scalar(IS_TEST))
    if in_force == is_test:
        return None
    if in_force:
        return "the test shop is in force here until a process starts with YOOKASSA_MODE=prod"
    return (
        "the live shop is in force here, and YOOKASSA_MODE is test: what is paid with a test card belongs into another "
        "database; to sell nothing real here again, stop every process and run billing-service migrate --mode test"
    )


async def keep(connection: AsyncConnection, *, is_test: bool) -> str | None:
    """Put the live shop in force with its first process; from then on days of the test shop give no access.

    Never back again by itself: one process with the wrong settings would take their days from all who paid. Answers as
    `trouble_with`.
    """
    if not is_test and await connection.scalar(IS_TEST):
        await change(connection, is_test=False)
        log.warning("shop.switched", mode=MODES[is_test])
    return await trouble_with(connection, is_test=is_test)


async def change(connection: AsyncConnection, *, is_test: bool) -> None:
    """Put this kind of shop in force, whatever was; safe to repeat."""
    await connection.execute(PUT_IN_FORCE, {"is_test": is_test})
