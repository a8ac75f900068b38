"""The primary dies under load again and again, and nobody may notice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.failover.load import Load, everything_is_settled, nothing_is_missing_or_doubled
from tests.failover.pair import Pair, asked
from tests.failover.shop import shop_at_work
from tests.fleet import Fleet

BACK_WITHIN_SECONDS = 10
WORKERS = ("worker-one", "worker-two")
# Of a server that has just begun to take writes: what listens there has come anew.
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"


@dataclass
class Stage:
    pair: Pair
    fleet: Fleet
    load: Load

    async def primary_dies(self) -> None:
        self.pair.primary.kill()
        await asyncio.sleep(1)  # somebody has to notice
        await self.pair.fail_over()


@asynccontextmanager
async def staged(
    pair: Pair, folder: Path, database_url: str, redis_url: str, **environment: str
) -> AsyncIterator[Stage]:
    """Two APIs, two workers and the sandbox, on two servers of which the second has all that was answered."""
    environment |= {"REDIS_KEY_PREFIX": str(folder)}
    async with shop_at_work(folder, database_url, redis_url, workers=WORKERS, **environment) as shop:
        yield Stage(pair, shop.fleet, Load(shop.apis, shop.sandbox))


async def nobody_notices_failovers(stage: Stage, count: int) -> None:
    processes = {name: process.pid for name, process in stage.fleet.running.items()}
    async with stage.load.flowing():
        for _ in range(count):
            await asyncio.sleep(1)
            await stage.primary_dies()
            back = await stage.load.each_wrote_since(monotonic())
            assert max(back.values()) < BACK_WITHIN_SECONDS
            await workers_are_back(stage.pair)
            await stage.pair.join()
    await everything_is_settled(stage.pair.url)

    await nothing_is_missing_or_doubled(stage.load, stage.pair.url)
    assert stage.load.refused
    assert {name: process.pid for name, process in stage.fleet.running.items()} == processes
    assert all(process.returncode is None for process in stage.fleet.running.values())


async def workers_are_back(pair: Pair) -> None:
    """Each hears of new jobs again."""
    async with asyncio.timeout(BACK_WITHIN_SECONDS):
        while await asked(pair.primary, LISTENING) != len(WORKERS):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.2)
