"""Months pass on this machine: the clock of the dev database and the sandbox's, turned together."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from billing_service.config import Settings
from billing_service.demo.clock import ClockNotTurned
from billing_service.dev.migrations import holds_live_money
from billing_service.kit import clock
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.wire import utc_text
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.pages.panel_actions import Leap
from billing_service.timetable import enqueue_schedules

# What passes between two readings is no difference.
APART = timedelta(seconds=3)
NO_TIME = timedelta(0)
# The ids of the provider end in 2136, and a plan sold today must not reach beyond.
LAST = datetime(2100, 1, 1, tzinfo=UTC)
# Everything the provider has to tell about the time that passed is delivered before it answers.
PATIENCE_SECONDS = 120


class SharedClock:
    """Both clocks only ever go forward, to the same time. The later one counts, whoever turned it.

    `async with` gives the database a clock that can be turned, unless real money was ever recorded in it. Then, and
    with a shop whose time is not ours, `fixed_because` says why. `transport` stands in for the network in tests.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._database_url = settings.database_url
        self._db = Database(settings.database_url, pool_size=2)
        self._provider = httpx.AsyncClient(
            base_url=f"{settings.yookassa_api_url.removesuffix('/v3')}/_sandbox",
            timeout=PATIENCE_SECONDS,
            transport=transport,
            trust_env=False,
        )
        self._turning = asyncio.Lock()
        self.fixed_because = None if settings.shop_is_sandbox else "время настоящей ЮKassa не повернуть"

    async def __aenter__(self) -> Self:
        # Not before: asyncpg's pool belongs to the event loop in which it was made.
        self._statements = StatementPool(self._database_url, pool_size=1)
        if self.fixed_because is None:
            async with self._db.engine.begin() as connection:
                if await holds_live_money(connection):
                    self.fixed_because = "в этой базе записаны настоящие платежи"
                else:
                    await clock.make_turnable(connection)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._provider.aclose()
        await self._db.close()
        await self._statements.close()

    async def get_now(self) -> datetime:
        async with self._db.begin() as session:
            return await clock.get_now(session)

    async def advance(self, by: timedelta) -> datetime:
        """Turn both, the database's first: what the provider then reports lies in its past.

        A process killed in between leaves them apart, which the next turn or start puts right. Raises `ClockNotTurned`.
        """
        async with self._turning:
            ahead = await self._how_far_ahead()
            await self._turn(by + max(ahead, NO_TIME))
            return await self.get_now()

    async def align(self) -> timedelta | None:
        """Bring the clock that is behind to the other's time; how far the provider's was ahead, None if they agreed.

        Raises `ClockNotTurned`.
        """
        ahead = await self._how_far_ahead()
        await self.advance(NO_TIME)
        return None if abs(ahead) < APART else ahead

    async def _how_far_ahead(self) -> timedelta:
        """The provider's before ours. Ours is read first, so that following it never turns the provider's back."""
        if self.fixed_because is not None:
            raise ClockNotTurned(self.fixed_because)
        ours = await self.get_now()
        try:
            shown = (await self._provider.get("/clock")).raise_for_status().json()
        except httpx.HTTPError as error:
            raise ClockNotTurned("песочница не отвечает") from error
        return datetime.fromisoformat(shown["now"]) - ours

    async def _turn(self, by: timedelta) -> None:
        if await self.get_now() + by > LAST:
            raise ClockNotTurned(f"дальше {LAST.year} года они не идут")
        async with self._db.engine.begin() as connection:
            await clock.turn(connection, by)
        # A sandbox that somebody froze runs again: the database's clock cannot stand still beside it.
        order = {"freeze": False, "set": utc_text(await self.get_now())}
        (await self._provider.post("/clock", json=order)).raise_for_status()
        async with self._statements.transaction() as tx:
            await enqueue_schedules(tx)


def leap_of(shared: SharedClock) -> Leap:
    """The same clock as the buttons of the sandbox's page turn it."""

    async def leap(by: timedelta) -> None:
        try:
            await shared.advance(by)
        except ClockNotTurned as refused:
            raise ImpossibleMove(refused.reason) from refused

    return leap
