"""Holding up the service's statements at one point, so that a race happens every time and not now and then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import asyncpg

from billing_service.config import Settings

WAITING = """
SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'billing-service' AND wait_event_type = 'Lock'
"""
THE_ROWS_OF = "SELECT FROM daily_usage WHERE user_id = ANY ($1) FOR UPDATE"
# Statements may read and lock operations; whoever wants to write one waits.
WRITING_OPERATIONS = "LOCK TABLE usage_operations IN SHARE MODE"


@dataclass
class HeldUp:
    """What waits for the lock that a test holds."""

    watcher: asyncpg.Connection

    @classmethod
    @asynccontextmanager
    async def at(cls, settings: Settings, lock: str, *values: object) -> AsyncIterator[Self]:
        """Until the end of the block; then all of them go on at the same moment."""
        holder = await asyncpg.connect(settings.database_url)
        watcher = await asyncpg.connect(settings.database_url)
        try:
            async with holder.transaction():
                await holder.execute(lock, *values)
                yield cls(watcher)
        finally:
            await holder.close()
            await watcher.close()

    async def waiting(self) -> int:
        return int(await self.watcher.fetchval(WAITING))

    async def until(self, waiting: int) -> None:
        """So many statements wait."""
        async with asyncio.timeout(5):
            while await self.waiting() < waiting:  # noqa: ASYNC110 (another process's doing)
                await asyncio.sleep(0.005)
