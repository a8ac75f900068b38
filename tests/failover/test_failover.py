"""The primary dies under load, the standby takes its place: what was answered is there, once, and nothing restarts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.operations.invariants import INVARIANTS, find_violations
from billing_service.payments.settlement import OUR_MARK
from billing_service.schema import migrate
from tests.failover.load import Load
from tests.failover.pair import Pair, asked, two_nodes
from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are killed with all they started")

COMMAND = Path(sys.executable).with_name("billing-service")
BACK_WITHIN_SECONDS = 10
WORKERS = ("worker-one", "worker-two")
# Of a server that has just begun to take writes: what listens there has come anew.
OPEN = "SELECT count(*) FROM payments WHERE status <> 'SUCCEEDED'"
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
@pytest.mark.timeout(300)
async def test_nothing_answered_is_lost_or_doubled_and_nobody_is_restarted(stage: Stage, rounds: int) -> None:
    processes = {name: process.pid for name, process in stage.fleet.running.items()}
    async with stage.load.flowing():
        for _ in range(max(1, rounds // 10)):
            await asyncio.sleep(1)
            await stage.primary_dies()
            back = await stage.load.each_wrote_since(monotonic())
            assert max(back.values()) < BACK_WITHIN_SECONDS
            await workers_are_back(stage.pair)
            await stage.pair.join()
    await everything_is_settled(stage)

    await nothing_is_missing_or_doubled(stage)
    assert stage.load.refused
    assert {name: process.pid for name, process in stage.fleet.running.items()} == processes
    assert all(process.returncode is None for process in stage.fleet.running.values())


async def workers_are_back(pair: Pair) -> None:
    """Each hears of new jobs again."""
    async with asyncio.timeout(BACK_WITHIN_SECONDS):
        while await asked(pair.primary, LISTENING) != len(WORKERS):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.2)


async def everything_is_settled(stage: Stage) -> None:
    async with asyncio.timeout(120):
        while await asked(stage.pair.primary, OPEN):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.2)


async def nothing_is_missing_or_doubled(stage: Stage) -> None:
    load = stage.load
    async with httpx.AsyncClient() as http:
        shown = await http.get(f"{load.sandbox}/_sandbox/payments", params={"limit": 1000})
    paid = {one["metadata"][OUR_MARK]: one["id"] for one in shown.json()["results"]}
    assert len(paid) == len(shown.json()["results"])
    assert load.bought == paid
    connection = await asyncpg.connect(stage.pair.url)
    try:
        payments = await connection.fetch("SELECT id::text, yookassa_payment_id FROM payments")
        granted = await connection.fetch("SELECT payment_id::text FROM subscription_periods")
        counted = await connection.fetch("SELECT user_id, photo_ai_requests, holds FROM daily_usage")
        remembered = await connection.fetch("SELECT operation_id FROM usage_operations")
        notified = await connection.fetch(
            "SELECT payment_id FROM webhook_logs WHERE payment_id <> ALL($1)", list(paid.values())
        )
    finally:
        await connection.close()
    assert dict(payments) == load.bought
    assert sorted(one for (one,) in granted) == sorted(load.bought)
    assert sorted(one for (one,) in notified) == sorted(load.notified)
    assert {user: used for user, used, _ in counted} == {
        user: len(done) for user, done in load.counted.items()
    }
    assert sorted(one for (one,) in remembered) == sorted(
        one for done in load.counted.values() for one in done
    )
    db = Database(stage.pair.url, pool_size=1)
    async with db.engine.connect() as looking:
        assert {rule: found for rule in INVARIANTS if (found := await find_violations(looking, rule))} == {}
    await db.close()
