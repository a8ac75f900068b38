"""One user's locked row and a crowd that wants it hold up nobody else."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.services import Services
from tests.ledger import days_granted, value
from tests.stage import USER, BackOffice, MainBackend, work_off
from tests.usage.locking import HeldUp
from tests.webhooks.test_inbox import a_notification

HIS_MONEY = "SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE"
OTHER, CROWD = 1002, 14
# Far below the seconds for which somebody waits for a lock, far above what an answer takes.
AT_ONCE = 3


@pytest.fixture
async def held_up(api: MainBackend, settings: Settings) -> AsyncIterator[HeldUp]:
    """The row exists and is somebody else's."""
    await api.buy(user=USER)
    async with HeldUp.at(settings, HIS_MONEY, USER) as held_up:
        yield held_up


async def test_repeats_of_one_key_wait_in_a_line_and_everybody_else_is_served(
    api: MainBackend, held_up: HeldUp
) -> None:
    crowd = [
        asyncio.create_task(api.post("create-payment/", {"plan_code": "PRO_YEARLY"}, Idempotency_Key="one"))
        for _ in range(CROWD)
    ]
    await held_up.until(waiting=1)
    began = time.monotonic()

    others = await asyncio.gather(
        api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, OTHER),
        api.notify(a_notification("30f5d918-000f-5000-8000-18db351245c7")),
        api.http.get("/health/ready"),
        api.get("me/", OTHER),
        api.get("subscription/", USER),
        api.consume(USER, amount=1),
    )

    assert [answer.status_code for answer in others] == [201, 200, 200, 200, 200, 200]
    assert time.monotonic() - began < AT_ONCE
    assert await held_up.waiting() == 1
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


async def test_what_the_provider_says_of_him_waits_in_the_same_line(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings, database: Database
) -> None:
    his = [await api.buy(user=USER, Idempotency_Key=f"number-{number}") for number in range(CROWD)]
    anothers = await api.buy(user=OTHER)
    for bought in (*his, anothers):
        await office.call("POST", f"/payments/{bought['yookassa_payment_id']}/pay", {})

    async with HeldUp.at(settings, HIS_MONEY, USER) as held_up:
        crowd = [asyncio.create_task(ask(services, PAYMENTS, UUID(bought["payment_id"]))) for bought in his]
        await held_up.until(waiting=1)
        await asyncio.wait_for(ask(services, PAYMENTS, UUID(anothers["payment_id"])), AT_ONCE)
        waiting = await held_up.waiting()
    await asyncio.gather(*crowd)

    assert waiting == 1
    assert await days_granted(database, OTHER) == 30
    assert await days_granted(database, USER) == CROWD * 30
    assert await value(database, "SELECT count(*) FROM payments WHERE status <> 'SUCCEEDED'") == 0


async def test_looks_at_his_notifications_wait_in_the_same_line(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings, database: Database
) -> None:
    his = [await api.buy(user=USER, Idempotency_Key=f"number-{number}") for number in range(CROWD)]
    for bought in his:
        await office.pay(bought)

    async with HeldUp.at(settings, HIS_MONEY, USER) as held_up:
        working = asyncio.create_task(work_off(services))
        await held_up.until(waiting=1)
        await asyncio.sleep(0.5)
        waiting = await held_up.waiting()
        other = await asyncio.wait_for(api.consume(OTHER, amount=1), AT_ONCE)
    await working

    assert waiting == 1
    assert other.status_code == 200
    assert await days_granted(database, USER) == CROWD * 30


async def test_days_by_hand_wait_in_the_same_line(api: MainBackend, held_up: HeldUp) -> None:
    gift = {"plan_code": "PRO_MONTHLY", "days": 1, "author": "support", "reason": "сбой"}
    crowd = [
        asyncio.create_task(
            api.internal("POST", f"users/{USER}/grants", gift, Idempotency_Key=f"number-{number}")
        )
        for number in range(CROWD)
    ]
    await held_up.until(waiting=1)

    other = await asyncio.wait_for(
        api.internal("POST", f"users/{OTHER}/grants", gift, Idempotency_Key="one"), AT_ONCE
    )

    assert other.status_code == 201
    assert await held_up.waiting() == 1
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
