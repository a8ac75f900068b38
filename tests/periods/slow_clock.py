"""A clock that hardly moves by itself: a step takes no time that counts, but nothing in it happens at one instant.

With a clock that stands still whatever tells used time by two readings of one transaction could not go wrong.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import text

from billing_service.kit import clock as billing_clock
from tests.ledger import value
from tests.stage import BackOffice, Clock

SLOWER = 100
SLOW_DOWN = """
CREATE OR REPLACE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '{now}'::timestamptz + (statement_timestamp() - '{now}') / {slower} + value FROM turnable_clock.shift
$$
"""


class SlowClock:
    """Ours and the provider's, which are turned together; the provider's stands still in between."""

    def __init__(self, clock: Clock, office: BackOffice) -> None:
        self.clock, self.office = clock, office

    @classmethod
    @asynccontextmanager
    async def slowing(cls, clock: Clock, office: BackOffice) -> AsyncIterator[Self]:
        """Until the block ends."""
        engine = clock.database.engine
        try:
            async with engine.begin() as connection:
                now: Any = await connection.scalar(text("SELECT now()"))
                await connection.execute(text(SLOW_DOWN.format(now=now.isoformat(), slower=SLOWER)))
            slow = cls(clock, office)
            await office.call("POST", "/clock", {"freeze": True, "set": (await slow.now()).isoformat()})
            yield slow
        finally:
            async with engine.begin() as connection:
                await billing_clock.make_turnable(connection)

    async def now(self) -> datetime:
        instant: datetime = await value(self.clock.database, "SELECT billing_now()")
        return instant

    async def advance(self, by: timedelta) -> datetime:
        await self.clock.advance(seconds=by.total_seconds())
        await self.office.call("POST", "/clock", {"advance_seconds": by.total_seconds()})
        return await self.now()
