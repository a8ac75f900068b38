"""The only clock the rules read: the SQL function `billing_now()`, so that every process agrees on the time.

In production it is the database's own time and nothing else. A development or test database may be given a clock
that can be turned (`make_turnable`), so that months pass in a test; such a database is refused in prod mode.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import DateTime, Function, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

# Two clocks that are right may differ by so much.
AGREE_WITHIN = timedelta(minutes=1)
MAKE_TURNABLE = """
CREATE SCHEMA IF NOT EXISTS turnable_clock;
CREATE TABLE IF NOT EXISTS turnable_clock.shift (value interval NOT NULL);
INSERT INTO turnable_clock.shift SELECT interval '0' WHERE NOT EXISTS (SELECT FROM turnable_clock.shift);
CREATE OR REPLACE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT statement_timestamp() + value FROM turnable_clock.shift'
"""


class Strays(NamedTuple):
    """Stored instants that lie where no rule can have put them, and how far ahead the furthest of them was."""

    found: int
    ahead: timedelta | None


def billing_now() -> Function[datetime]:
    """The instant at which the current statement arrived, as an SQL expression."""
    return func.billing_now(type_=DateTime(timezone=True))


async def get_now(session: AsyncSession) -> datetime:
    """The time now. Inside a transaction, after waiting for a lock, this is the time after the wait."""
    return (await session.execute(select(billing_now()))).scalar_one()


async def make_turnable(connection: AsyncConnection) -> None:
    """Give this development or test database a clock that `turn` moves. Safe to repeat."""
    for statement in MAKE_TURNABLE.split(";"):
        await connection.execute(text(statement))


async def turn(connection: AsyncConnection, by: timedelta) -> None:
    """Move the clock of a turnable database, for every process that reads it."""
    await connection.execute(text("UPDATE turnable_clock.shift SET value = value + :by"), {"by": by})


async def is_turnable(connection: AsyncConnection) -> bool:
    return bool(await connection.scalar(text("SELECT to_regclass('turnable_clock.shift') IS NOT NULL")))
