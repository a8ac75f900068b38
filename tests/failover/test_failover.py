"""The primary dies under load, the standby takes its place: what was answered is there, once, and nothing restarts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from billing_service.config import Settings
from billing_service.schema import migrate
from tests.failover.load import Load, everything_is_settled, nothing_is_missing_or_doubled
from tests.failover.pair import Pair, asked, two_nodes
from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are killed with all they started")

COMMAND = Path(sys.executable).with_name("billing-service")
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


@pytest.fixture
async def stage(settings: Settings, tmp_path: Path) -> AsyncIterator[Stage]:
    """Two APIs, two workers and the sandbox, on two servers of which the second has all that was answered."""
    sandbox, *apis = free_ports(3)
    with two_nodes() as pair:
        await asyncio.to_thread(migrate.upgrade, pair.url)
        await pair.join()
        async with AsyncExitStack() as stack:
            environment = environment_for(pair.url, settings.redis_url, sandbox)
            fleet = Fleet(stack, COMMAND, tmp_path, environment | {"REDIS_KEY_PREFIX": str(tmp_path)})
            notify_url = f"http://127.0.0.1:{apis[0]}/{WEBHOOK}"
            await fleet.start("sandbox", "sandbox", "--port", str(sandbox), "--notify-url", notify_url)
            for worker in WORKERS:
                await fleet.start(worker, "worker")
            await asyncio.gather(*map(fleet.serve, apis))
            yield Stage(pair, fleet, Load(tuple(apis), f"http://127.0.0.1:{sandbox}"))


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_nothing_answered_is_lost_or_doubled_and_nobody_is_restarted(stage: Stage, rounds: int) -> None:
    await nobody_notices_failovers(stage, max(1, rounds // 10))


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
