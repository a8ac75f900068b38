"""Held money is taken in full: once however often it is tried, and only if it is what was asked for."""

import json
from typing import Any
from uuid import UUID

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask, enqueue_due
from billing_service.services import Services
from tests.ledger import days_granted, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, MONTH, as_sent

NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]
ANSWERS_OF_CAPTURES_ARE_LOST = [{"operation": "capture", "fault": "lost_before"}]


async def a_held_payment(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> dict[str, Any]:
    """Our payment, paid at the provider in two stages, which we never ask for; and nobody has told us."""
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment_id = await value(database, "SELECT id FROM payments")
    two_stages = json.dumps(json.loads(as_sent(payment_id)) | {"capture": False}).encode()
    made = await services.yookassa.create_payment(two_stages, idempotence_key=str(payment_id))
    await office.pay({"yookassa_payment_id": made.id})
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET yookassa_payment_id = $1", (made.id,))
    return {"payment_id": str(payment_id), "yookassa_payment_id": made.id}


@pytest.fixture
async def held(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> dict[str, Any]:
    return await a_held_payment(api, office, services, database)


async def captures(office: BackOffice) -> list[dict[str, Any]]:
    requests = (await office.call("GET", "/requests?limit=1000"))["results"]
    return [one for one in requests if one["operation"] == "capture"]


async def test_a_question_finds_held_money_and_it_is_granted_once_it_is_taken(
    held: dict[str, Any], services: Services, database: Database
) -> None:
    await ask(services, PAYMENTS, UUID(held["payment_id"]))

    assert await value(database, "SELECT status FROM payments") == "SUCCEEDED"
    assert await days_granted(database, USER) == 30


async def test_two_tries_whose_answers_are_lost_are_one_capture(
    held: dict[str, Any], office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", ANSWERS_OF_CAPTURES_ARE_LOST)
    for _ in range(2):
        await ask(services, PAYMENTS, UUID(held["payment_id"]))
    await office.call("PUT", "/faults", [])

    await ask(services, PAYMENTS, UUID(held["payment_id"]))

    keys = [one["idempotence_key"] for one in await captures(office)]
    assert len(keys) > 2
    assert len(set(keys)) == 1
    assert await days_granted(database, USER) == 30


async def test_held_money_that_is_reported_otherwise_is_not_taken(
    held: dict[str, Any], office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "error_500"}])
    await ask(services, PAYMENTS, UUID(held["payment_id"]))
    tried = len(await captures(office))
    await office.call("PUT", "/faults", [])
    await office.misreport(held, amount={"value": "1.00", "currency": "RUB"})

    await ask(services, PAYMENTS, UUID(held["payment_id"]))

    assert tried > 0
    assert len(await captures(office)) == tried
    assert await value(database, "SELECT status FROM payments") == "WAITING_FOR_CAPTURE"


async def test_a_capture_that_is_refused_is_told_of_and_leaves_the_money_held(
    held: dict[str, Any],
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "refusal"}])

    await ask(services, PAYMENTS, UUID(held["payment_id"]))

    assert capsys.readouterr().out.count("held_payment") == 1
    assert await value(database, "SELECT status FROM payments") == "WAITING_FOR_CAPTURE"
    assert await days_granted(database, USER) == 0


@pytest.mark.usefixtures("held")
async def test_a_capture_that_answers_held_again_is_tried_again_at_the_next_question_and_no_sooner(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    async def tried_after(**passed: float) -> int:
        await clock.advance(**passed)
        before = len(await captures(office))
        await enqueue_due(services, PAYMENTS)
        await work_off(services)
        return len(await captures(office)) - before

    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "stay_pending"}])

    assert [await tried_after(minutes=30), await tried_after(seconds=1), await tried_after(minutes=30)] == [
        1,
        0,
        1,
    ]
