"""A day on which thousands are due, and the day on which renewals are switched on."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from billing_service.charging import service as charging
from billing_service.config import DEV_TOKEN
from billing_service.kit.http import httpx
from billing_service.renewals import looking
from billing_service.sandbox.app import Sandbox
from tests.bad_days.processes import Running, a_worker, an_api, listening
from tests.forked import FORKS, billing_service
from tests.ledger import rows, value
from tests.renewals.actors import Renewals
from tests.renewals.crowds import turn
from tests.renewals.multiplied import all_due_at_once
from tests.stage import RENEWING

# So many are due at one instant, and the provider takes so long for each call: with `make proofs`, and in every run.
PROVEN, BOUNDED, PROVEN_ROUNDS = (10_000, 0.5), (200, 0.02), 200
IN_FLIGHT, ALL_WITHIN_SECONDS = 8, 1800
# Beside twice what `me/` takes otherwise, what the machine's other work may add to one in a hundred.
READS, NOISE_SECONDS = 300, 0.025
CALLS = ("create_payment", "get_payment_method", "get_payment")
CHARGED = "SELECT count(*) FROM payments WHERE is_recurring AND status = 'SUCCEEDED'"
AT_ONCE = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'renewal.look' AND status = 'picked'"
STILL_TO_DO = re.compile(r'billing_queue_jobs\{entrypoint="renewal.look",status="queued"\} (\d+)')
NOT_RENEWED_ONCE = """
    SELECT user_id FROM subscriptions s WHERE
        1 <> (SELECT count(*) FROM payments WHERE user_id = s.user_id AND is_recurring AND status = 'SUCCEEDED')
        OR interval '60 days' <> (SELECT sum(upper(span) - lower(span)) FROM subscription_periods
            WHERE user_id = s.user_id)
"""


@dataclass
class Seen:
    """What an operator sees while the workers work, sample by sample: how many were charged, how many wait, how many
    are looked at at once, and the 99th percentile of the seconds that `me/` takes."""

    charged: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    at_once: list[int] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)


def read_me(url: str, users: Sequence[int]) -> float:
    """In a process of its own, one after the other."""
    taken = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {DEV_TOKEN}"}) as client:
        for number in range(READS):
            begun = time.perf_counter()
            user = str(users[number % len(users)])
            client.get("/api/v1/billing/me/", headers={"X-User-Id": user}).raise_for_status()
            taken.append(time.perf_counter() - begun)
            time.sleep(0.005)
    return sorted(taken)[READS * 99 // 100]


async def read_in(readers: Executor, api: Running, users: Sequence[int]) -> float:
    return await asyncio.get_running_loop().run_in_executor(readers, read_me, api.url, users)


async def watch(renewals: Renewals, api: Running, readers: Executor, users: Sequence[int]) -> Seen:
    """Until everybody was charged."""
    seen = Seen()
    async with asyncio.timeout(2 * ALL_WITHIN_SECONDS), httpx.AsyncClient(base_url=api.url) as operator:
        while not seen.charged or seen.charged[-1] < len(users):
            seen.reading.append(await read_in(readers, api, users))
            seen.at_once.append(await value(renewals.database, AT_ONCE))
            found = STILL_TO_DO.search((await operator.get("/metrics")).text)
            seen.waiting.append(int(found[1]) if found else 0)
            seen.charged.append(await value(renewals.database, CHARGED))
    return seen


@pytest.mark.slow
@pytest.mark.timeout(4000)
async def test_thousands_who_are_due_at_once_are_charged_once_each_and_nobody_else_waits(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, rounds: int
) -> None:
    """How long it takes is looked at with `make proofs` alone, on a machine that has nothing else to do."""
    number, seconds = PROVEN if rounds >= PROVEN_ROUNDS else BOUNDED
    settings = renewals.services.settings
    users = await all_due_at_once(renewals, number)
    slow = [{"operation": call, "fault": "slow", "seconds": seconds} for call in CALLS]
    await renewals.office.call("PUT", "/faults", slow)
    async with AsyncExitStack() as stack:
        yookassa = await stack.enter_async_context(listening(sandbox))
        readers = stack.enter_context(ProcessPoolExecutor(1, mp_context=FORKS))
        folders = [tmp_path / name for name in ("api", "one", "other")]
        for folder in folders:
            folder.mkdir()
        api = await stack.enter_async_context(
            an_api(settings, yookassa, folders[0], main=billing_service, **RENEWING)
        )
        before = await read_in(readers, api, users)
        for folder in folders[1:]:
            await stack.enter_async_context(a_worker(settings, yookassa, folder, **RENEWING))
        begun = time.monotonic()

        seen = await watch(renewals, api, readers, users)

        took = time.monotonic() - begun
        idle = (before + await read_in(readers, api, users)) / 2
    middle = sorted(seen.reading)[len(seen.reading) // 2]
    print(f"{number} in {took:.0f} s, p99 of me/ {idle:.4f} s idle, {middle:.4f} s meanwhile")  # noqa: T201 (figures)
    print(f"charged {seen.charged}, waiting {seen.waiting}, at once {seen.at_once}")  # noqa: T201
    assert await rows(renewals.database, NOT_RENEWED_ONCE) == []
    assert charged_by_the_provider(renewals) == dict.fromkeys(users, 2)
    assert max(seen.at_once) <= IN_FLIGHT
    assert max(seen.waiting) > 0
    if number == PROVEN[0]:
        assert took <= ALL_WITHIN_SECONDS
        assert middle <= 2 * idle + NOISE_SECONDS


def charged_by_the_provider(renewals: Renewals) -> Counter[int]:
    """User -> payments that he has made, the first one by hand."""
    made = [one.payment for one in renewals.office.sandbox.yookassa.state.payments.values()]
    return Counter(int((one.metadata or {})["user_id"]) for one in made if one.status == "succeeded")


async def test_whose_access_ended_before_renewals_were_switched_on_is_never_asked_about_or_charged(
    renewals: Renewals, rounds: int
) -> None:
    """Renewals were off while subscriptions with a card ran out, some an hour ago; 1,000 of them with `make proofs`."""
    await all_due_at_once(renewals, 1000 if rounds >= PROVEN_ROUNDS else 200)
    settings = renewals.services.settings.model_copy(update={"billing_recurring_enabled": False})
    await charging.follow_setting(replace(renewals.services, settings=settings))
    await turn(renewals, hours=24)
    calls = len(renewals.office.sandbox.yookassa.state.requests)

    await charging.follow_setting(renewals.services)
    for _ in range(3):
        await renewals.work()
        await turn(renewals, hours=20)

    assert await looking.enqueue_due(renewals.services) == 0
    assert len(renewals.office.sandbox.yookassa.state.requests) == calls
    assert await renewals.charges() == []


async def test_one_round_enqueues_more_than_one_transaction_locks(
    renewals: Renewals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "AT_ONCE", 2)
    await all_due_at_once(renewals, 5)

    assert await looking.enqueue_due(renewals.services) == 5
    assert await looking.enqueue_due(renewals.services) == 0
