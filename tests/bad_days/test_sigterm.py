"""SIGTERM: what was begun is finished, within a bound, whatever was on the wire."""

import asyncio
import signal
from pathlib import Path

from billing_service import worker
from billing_service.config import Settings
from billing_service.kit.db import Database
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import Running, a_worker
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, MainBackend
from tests.wire import counted

MONTH = {"plan_code": "PRO_MONTHLY"}
# It stops in order, and then ends by the signal it was sent: a shell or a container shows 143.
ENDED_BY_SIGTERM = -signal.SIGTERM


async def test_a_creation_on_the_wire_is_answered_and_written_down_before_the_process_ends(
    api_process: Running, office: BackOffice, database: Database
) -> None:
    await _slow(office, "create_payment", seconds=2)
    async with api_process.client() as client:
        buying = asyncio.create_task(client.post("create-payment/", json=MONTH))
        await _the_provider_has_the_call(office)
        api_process.process.terminate()
        code = await api_process.ended(within=15)
        answer = await buying

    assert answer.status_code == 201
    assert code == ENDED_BY_SIGTERM
    assert (
        await value(database, "SELECT yookassa_payment_id FROM payments")
        == answer.json()["yookassa_payment_id"]
    )


async def test_a_creation_whose_caller_was_told_to_come_again_is_still_written_down(
    api_process: Running, office: BackOffice, database: Database
) -> None:
    await _slow(office, "create_payment", seconds=10)
    async with api_process.client() as client:
        assert (await client.post("create-payment/", json=MONTH)).status_code == 503
        api_process.process.terminate()
        code = await api_process.ended(within=15)

    assert code == ENDED_BY_SIGTERM
    assert await rows(
        database, "SELECT yookassa_payment_id IS NOT NULL AS known, outcome_unknown FROM payments"
    ) == [{"known": True, "outcome_unknown": False}]
    assert await broken_rules(database) == {}


async def test_a_worker_finishes_the_job_it_is_at(
    settings: Settings,
    yookassa: str,
    tmp_path: Path,
    api: MainBackend,
    office: BackOffice,
    database: Database,
) -> None:
    payment = await api.buy()
    await _slow(office, "get_payment", seconds=2)
    async with a_worker(settings, yookassa, tmp_path) as running:
        await office.pay(payment)
        await _the_provider_has_the_call(office)
        running.process.terminate()
        code = await running.ended(within=15)

    assert code == 0
    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'") == 0


async def test_a_worker_whose_database_is_frozen_is_torn_off_when_its_grace_is_over(
    settings: Settings, yookassa: str, api: MainBackend, office: BackOffice
) -> None:
    payment, stop = await api.buy(), asyncio.Event()
    await _slow(office, "get_payment", seconds=1)
    async with counted(settings.database_url) as wire:
        of_worker = settings.model_copy(
            update={"database_url": wire.database_url, "yookassa_api_url": yookassa}
        )
        working = asyncio.create_task(worker.run_until(of_worker, stop, grace_seconds=3))
        await office.pay(payment)
        await _the_provider_has_the_call(office)
        wire.flows.clear()
        stop.set()
        # By itself it would take a minute or two: each step of its way out waits for the database in turn.
        async with asyncio.timeout(3 + 10):
            await working


async def _slow(office: BackOffice, operation: str, seconds: float) -> None:
    rule = {"operation": operation, "fault": "slow", "seconds": seconds, "when": "after", "count": 1}
    await office.call("PUT", "/faults", [rule])


async def _the_provider_has_the_call(office: BackOffice) -> None:
    async with asyncio.timeout(30):
        while not any(one.get("fault") for one in (await office.call("GET", "/requests"))["results"]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
