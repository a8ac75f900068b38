"""A database whose clock stands still until it is set, to the microsecond: what is decided at an edge can be said."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import asyncpg

from billing_service.config import Settings
from billing_service.services import Services, open_services
from tests.scratch import migrated_database

STAND_STILL = """
CREATE SCHEMA still_clock;
CREATE TABLE still_clock.instant (at timestamptz NOT NULL);
INSERT INTO still_clock.instant SELECT now();
CREATE OR REPLACE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT at FROM still_clock.instant';
"""
GRANT = """
INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span)
    VALUES ($1, 'PRO_MONTHLY', 'grant', 'support', 'proof', $2, $3::timestamptz, tstzrange($3, $3 + $4::interval))
"""
CUT = """
UPDATE subscription_periods
    SET span = tstzrange(lower(span), $2::timestamptz), cut = days * interval '24 hours' - ($2 - lower(span))
    WHERE user_id = $1 AND span @> $2::timestamptz
"""


@dataclass
class Standstill:
    """A hand of the test's own in that database: it sets the clock and gives and ends plans."""

    settings: Settings
    hand: asyncpg.Connection

    @classmethod
    @asynccontextmanager
    async def of(cls, settings: Settings) -> AsyncIterator[Self]:
        """The database is a new one, dropped at the end."""
        async with (
            migrated_database(settings.database_url) as url,
            cls.reaching(settings.model_copy(update={"database_url": url})) as still,
        ):
            await still.hand.execute(STAND_STILL)
            yield still

    @classmethod
    @asynccontextmanager
    async def reaching(cls, settings: Settings) -> AsyncIterator[Self]:
        """The database these settings name, from another event loop."""
        hand = await asyncpg.connect(settings.database_url, server_settings={"timezone": "UTC"})
        try:
            yield cls(settings, hand)
        finally:
            await hand.close()

    def services(self, zone: str = "Europe/Moscow") -> AbstractAsyncContextManager[Services]:
        """The service's own collaborators on this database, in the running loop, for a day in `zone`."""
        return open_services(self.settings.model_copy(update={"billing_timezone": ZoneInfo(zone)}))

    async def set(self, at: datetime) -> None:
        await self.hand.execute("UPDATE still_clock.instant SET at = $1", at)

    async def give_pro(self, user: int, at: datetime, days: int) -> None:
        await self.hand.execute(
            "INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT DO NOTHING", user
        )
        await self.hand.execute(GRANT, user, days, at, timedelta(days=days))

    async def end_pro(self, user: int, at: datetime) -> None:
        """What a refund does: the running period ends at this instant."""
        await self.hand.execute(CUT, user, at)
