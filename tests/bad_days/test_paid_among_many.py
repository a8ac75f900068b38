"""Who has paid is PRO soon, however many open checkouts are due and however slow YooKassa is."""

import asyncio
import time

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, MainBackend
from tests.test_worker import until, working

PROVIDER_SECONDS = 1.0
BEYOND_SECONDS = 5.0
PAYERS_AT_MOST = 20
STATUS = "SELECT status FROM payments WHERE user_id = {user}"


@pytest.mark.slow
async def test_paid_is_pro_within_seconds_with_all_open_checkouts_due(
    api: MainBackend, office: BackOffice, services: Services, database: Database, rounds: int
) -> None:
    """2,000 of them with `make proofs`."""
    for first in range(1, rounds * 10 + 1, 20):
        await asyncio.gather(*(api.buy(user=user) for user in range(first, first + 20)))
    payers = min(rounds // 2, PAYERS_AT_MOST)
    bought = [await api.buy(user=100_000 + number) for number in range(payers)]
    await office.call(
        "PUT", "/faults", [{"operation": "get_payment", "fault": "slow", "seconds": PROVIDER_SECONDS}]
    )

    waited = []
    async with working(services):
        for number, payment in enumerate(bought):
            await _make_all_due(services, database)
            await office.pay(payment)
            paid_at = time.monotonic()
            await until(database, STATUS.format(user=100_000 + number), "SUCCEEDED")
            waited.append(time.monotonic() - paid_at)

    assert max(waited) <= PROVIDER_SECONDS + BEYOND_SECONDS
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'payment.ask'") > 0


async def _make_all_due(services: Services, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE payments SET next_ask_at = billing_now() WHERE user_id < 100000")
        )
    while await enqueue_due(services, PAYMENTS):
        pass
