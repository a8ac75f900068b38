"""The provider stalls on every call: whoever buys hears so in time, and nobody else notices.

It stalls for longer than a caller is kept waiting, and for a whole minute with `--rounds 200`.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import Running, an_api, listening
from tests.ledger import value
from tests.stage import BackOffice
from tests.test_worker import until

LONGER_THAN_ANYBODY_WAITS = 11
A_MINUTE = 60
BUYERS = range(5001, 5031)
MONTH = {"plan_code": "PRO_MONTHLY"}
# Three connections serve thirty waiting buyers and everybody else: none of them can be kept.
POOL = "3"
ALL_ARE_SENT = "SELECT count(*) = 30 FROM payments WHERE outcome_unknown"
AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'billing-service' AND state <> 'idle'
    AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def api_process(
    database: Database,  # noqa: ARG001 (emptied before the process starts)
    settings: Settings,
    sandbox: Sandbox,
    tmp_path: Path,
) -> AsyncIterator[Running]:
    async with (
        listening(sandbox) as yookassa,
        an_api(settings, yookassa, tmp_path, DATABASE_POOL_SIZE=POOL) as running,
    ):
        yield running


@pytest.fixture
async def stalled(office: BackOffice, rounds: int) -> None:
    seconds = A_MINUTE if rounds >= 200 else LONGER_THAN_ANYBODY_WAITS
    await office.call("PUT", "/faults", [{"operation": "*", "fault": "slow", "seconds": seconds}])


@pytest.mark.slow
@pytest.mark.usefixtures("stalled")
async def test_a_stalled_provider_keeps_only_the_buyers_waiting_and_their_payments_continue_afterwards(
    api_process: Running, office: BackOffice, database: Database
) -> None:
    async with api_process.client() as client:
        began = time.monotonic()
        buying = [asyncio.create_task(_buy(client, user)) for user in BUYERS]
        await until(database, ALL_ARE_SENT, True)
        reads = [await _seconds_to_read(client) for _ in range(30)]
        held, heard = await value(database, AT_WORK), [task for task in buying if task.done()]
        answers = await asyncio.gather(*buying)
        waited = time.monotonic() - began

        await office.call("PUT", "/faults", [])
        bought = await asyncio.gather(*(_insist(client, user) for user in BUYERS))

    assert (held, heard) == (0, [])
    assert max(reads) < 2
    assert waited < 10 + max(reads)
    assert {_error(one) for one in answers} == {(503, "YOOKASSA_UNAVAILABLE")}
    assert all(int(one.headers["retry-after"]) > 0 for one in answers)
    assert len(await office.payments()) == len(BUYERS)
    assert {one["id"] for one in await office.payments()} == {one["yookassa_payment_id"] for one in bought}
    assert await broken_rules(database) == {}


async def _buy(client: httpx.AsyncClient, user: int) -> httpx.Response:
    return await client.post("create-payment/", json=MONTH, headers={"X-User-Id": str(user)})


async def _insist(client: httpx.AsyncClient, user: int) -> dict[str, Any]:
    """Ask again as often as it takes."""
    async with asyncio.timeout(100):
        while (answer := await _buy(client, user)).status_code != 201:
            assert _error(answer) == (503, "YOOKASSA_UNAVAILABLE")
    created: dict[str, Any] = answer.json()
    return created


async def _seconds_to_read(client: httpx.AsyncClient) -> float:
    began = time.monotonic()
    for path in ("plans/", "me/"):
        assert (await client.get(path)).status_code == 200
    return time.monotonic() - began


def _error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
