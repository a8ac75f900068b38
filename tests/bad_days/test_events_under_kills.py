"""Workers are killed while events are on their way: each user hears everything, in order, more than once at most."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from billing_service.events import service as events
from billing_service.kit.db import Database
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from tests.bad_days.processes import Running, a_worker, listening
from tests.events.receiver import SECRET, Json, Says, receiving
from tests.ledger import value
from tests.stage import Clock

USERS, EACH = (1, 2, 3, 4, 5), 12
LEFT = "SELECT count(*) FROM outbox_events WHERE outcome IS NULL"


async def happen(services: Services, user: int) -> None:
    for _ in range(EACH):
        async with services.statements.transaction() as tx:
            await subscriptions.lock(tx, user)
            await events.record(tx, "subscription.autorenew_changed", user, {"enabled": True})
        await asyncio.sleep(0.05)


async def answer(_event: Json) -> Says:
    await asyncio.sleep(0.05)
    return Says()


async def test_each_user_hears_everything_in_order_whoever_is_killed(
    services: Services, sandbox: Sandbox, clock: Clock, database: Database, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        yookassa = await stack.enter_async_context(listening(sandbox))
        receiver = await stack.enter_async_context(receiving())
        receiver.answer = answer

        async def work(name: str) -> Running:
            folder = tmp_path / name
            folder.mkdir()
            told = {"EVENTS_URL": receiver.url, "EVENTS_SECRETS": SECRET}
            return await stack.enter_async_context(a_worker(services.settings, yookassa, folder, **told))

        doomed = [await work("first"), await work("second")]
        facts = asyncio.gather(*(happen(services, user) for user in USERS))
        for number, worker in enumerate(doomed):
            while len(receiver.heard) < 10 * (number + 1):  # noqa: ASYNC110 (the worker's doing)
                await asyncio.sleep(0.01)
            worker.kill()
        await facts
        left = await value(database, LEFT)
        await work("third")
        async with asyncio.timeout(60):
            while await value(database, LEFT):
                await clock.advance(seconds=5)  # leases of the dead end
                await asyncio.sleep(0.2)

    assert left > 0
    for user in USERS:
        assert list(dict.fromkeys(receiver.heard_of(user))) == list(range(1, EACH + 1))
