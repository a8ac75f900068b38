"""YooKassa says no: to a payment, or to our key. The payer reads the first; nobody pays for the second."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask, enqueue_due
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from tests.ledger import rows, value
from tests.stage import BackOffice, Clock, MainBackend, api_with_a_rotated_key, work_off

MONTH = {"plan_code": "PRO_MONTHLY"}


@asynccontextmanager
async def refusing(services: Services, status: int) -> AsyncIterator[tuple[MainBackend, list[httpx.Request]]]:
    """The service before a provider that understands everything and allows nothing; and what it was asked."""
    asked: list[httpx.Request] = []

    async def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json={"type": "error", "id": f"error-{len(asked)}", "code": "refused"})

    client = YookassaClient(
        shop_id="100500",
        secret_key="test_sandbox",
        api_url="http://provider/v3",
        transport=httpx.MockTransport(refuse),
        waits=(),
    )
    async with (
        client,
        MainBackend.calling(create_app(services.settings, replace(services, yookassa=client))) as api,
    ):
        yield api, asked


def is_rejected(response: httpx.Response) -> bool:
    return (response.status_code, response.json()["error"]["code"]) == (400, "YOOKASSA_REJECTED")


@pytest.mark.parametrize("status", [400, 403, 422])
async def test_a_refused_payment_has_failed_and_the_payer_is_told_in_russian(
    services: Services, database: Database, status: int
) -> None:
    async with refusing(services, status) as (api, _):
        response = await api.post("create-payment/", MONTH)

    error = response.json()["error"]
    assert is_rejected(response)
    assert "деньги не списаны" in error["message"]
    assert await rows(
        database, "SELECT id::text, status, provider_error_id, outcome_unknown FROM payments"
    ) == [
        {
            "id": error["details"]["payment_id"],
            "status": "FAILED",
            "provider_error_id": "error-1",
            "outcome_unknown": False,
        }
    ]


async def test_a_shop_that_demands_receipts_refuses_once_however_often_somebody_clicks(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    """The legacy frontend posts a failure four times at once."""
    await office.call("PUT", "/shop", {"fiscalization": True})

    clicks = [await api.post("create-payment/", MONTH) for _ in range(4)]

    assert all(map(is_rejected, clicks))
    assert len({click.json()["error"]["details"]["payment_id"] for click in clicks}) == 1
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert len(await office.creations()) == 1


Change = Callable[[MainBackend], Awaitable[httpx.Response]]
OTHER_TERMS: dict[str, Change] = {
    "user": lambda api: api.post("create-payment/", MONTH, 1002),
    "plan": lambda api: api.post("create-payment/", {"plan_code": "PRO_YEARLY"}),
    "return url": lambda api: api.post("create-payment/", MONTH | {"return_url": "https://eatfit24.ru/app"}),
}


@pytest.mark.parametrize("other", OTHER_TERMS.values(), ids=OTHER_TERMS)
async def test_other_terms_are_asked_about_at_once(services: Services, other: Change) -> None:
    async with refusing(services, 400) as (api, asked):
        await api.post("create-payment/", MONTH)
        await other(api)

    assert len(asked) == 2


@pytest.mark.parametrize("change", ["price = 399", "duration_days = 31"])
async def test_a_plan_that_changed_is_asked_about_at_once(
    services: Services, database: Database, change: str
) -> None:
    async with refusing(services, 400) as (api, asked):
        await api.post("create-payment/", MONTH)
        await _set_plan(database, change)
        try:
            await api.post("create-payment/", MONTH)
        finally:
            await _set_plan(database, "price = 299, duration_days = 30")

    assert len(asked) == 2


async def test_a_minute_later_the_provider_is_asked_again(services: Services, clock: Clock) -> None:
    async with refusing(services, 400) as (api, asked):
        await api.post("create-payment/", MONTH)
        await clock.advance(seconds=58)
        await api.post("create-payment/", MONTH)
        within = len(asked)
        await clock.advance(seconds=3)
        await api.post("create-payment/", MONTH)

    assert (within, len(asked)) == (1, 2)


async def test_a_new_key_within_the_minute_is_refused_too_and_sells_afterwards(
    services: Services, api: MainBackend, database: Database, clock: Clock
) -> None:
    async with refusing(services, 400) as (refused, asked):
        await refused.post("create-payment/", MONTH, Idempotency_Key="k1")
        second = await refused.post("create-payment/", MONTH, Idempotency_Key="k2")
    rows_by_then = await value(database, "SELECT count(*) FROM payments")
    await clock.advance(seconds=61)

    assert is_rejected(second)
    assert (len(asked), rows_by_then) == (1, 1)
    assert (await api.buy("PRO_MONTHLY", Idempotency_Key="k2"))["confirmation_url"]


async def test_a_key_whose_payment_was_refused_is_refused_for_ever(
    services: Services, api: MainBackend, office: BackOffice, clock: Clock
) -> None:
    async with refusing(services, 400) as (refused, _):
        first = await refused.post("create-payment/", MONTH, Idempotency_Key="k1")
    await clock.advance(days=1)

    again = await api.post("create-payment/", MONTH, Idempotency_Key="k1")

    assert is_rejected(again)
    assert again.json()["error"]["details"] == first.json()["error"]["details"]
    assert await office.creations() == []


async def test_what_was_never_created_is_no_refusal_of_the_next_wish(
    services: Services, api: MainBackend, database: Database
) -> None:
    async with refusing(services, 400) as (refused, _):
        await refused.post("create-payment/", MONTH)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET provider_error_code = 'never_created'"))

    assert (await api.buy("PRO_MONTHLY"))["confirmation_url"]


async def test_a_refused_key_of_ours_leaves_the_payment_open_and_alarms(
    office: BackOffice, services: Services, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async with api_with_a_rotated_key(services, office) as refused:
        response = await refused.post("create-payment/", MONTH)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert int(response.headers["Retry-After"]) > 0
    assert await rows(database, "SELECT status, outcome_unknown, send_lease_until FROM payments") == [
        {"status": "PENDING", "outcome_unknown": False, "send_lease_until": None}
    ]
    assert "provider_refuses_our_key" in capsys.readouterr().out


@pytest.mark.parametrize("keyed", [False, True])
async def test_once_our_key_works_asking_again_sells_the_payment_that_waited(
    api: MainBackend, office: BackOffice, services: Services, database: Database, keyed: bool
) -> None:
    key: dict[str, Any] = {"Idempotency_Key": "k1"} if keyed else {}
    async with api_with_a_rotated_key(services, office) as refused:
        waiting = [await refused.post("create-payment/", MONTH, **key) for _ in range(3)]

    created = await api.buy("PRO_MONTHLY", **key)

    assert {one.json()["error"]["details"]["payment_id"] for one in waiting} == {created["payment_id"]}
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert len(await office.payments()) == 1


async def test_questions_under_a_refused_key_decide_nothing_and_go_on_once_it_works(
    office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    async with api_with_a_rotated_key(services, office) as refused:
        await refused.post("create-payment/", MONTH)
    wrong = YookassaClient(
        shop_id="100500",
        secret_key="test_rotated",
        api_url=services.settings.yookassa_api_url,
        transport=httpx.ASGITransport(app=office.sandbox.app),
    )
    async with wrong:
        await _a_question(replace(services, yookassa=wrong), clock)
    under_the_wrong_key = await rows(database, "SELECT status, outcome_unknown FROM payments")

    await _a_question(services, clock)

    assert under_the_wrong_key == [{"status": "PENDING", "outcome_unknown": False}]
    assert await value(database, "SELECT yookassa_payment_id IS NOT NULL FROM payments")


async def test_an_unseen_checkout_under_a_refused_key_is_alarmed_about(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    await api.buy("PRO_MONTHLY")
    await clock.advance(seconds=31)

    async with api_with_a_rotated_key(services, office) as refused:
        response = await refused.post("create-payment/", MONTH)

    assert response.status_code == 503
    assert "provider_refuses_our_key" in capsys.readouterr().out


async def test_held_money_waits_for_our_key_without_a_word_about_the_money(
    api: MainBackend, office: BackOffice, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    """A capture under a refused key was not refused: nothing is wrong with the payment."""
    payment = await api.buy("PRO_MONTHLY")
    shown = await office.call("GET", f"/payments/{payment['yookassa_payment_id']}")

    async def only_reading(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(401, json={"type": "error", "id": "e", "code": "invalid_credentials"})
        return httpx.Response(200, json=shown | {"status": "waiting_for_capture", "paid": True})

    client = YookassaClient(
        shop_id="100500",
        secret_key="test_sandbox",
        api_url="http://provider/v3",
        transport=httpx.MockTransport(only_reading),
        waits=(),
    )
    async with client:
        await ask(replace(services, yookassa=client), PAYMENTS, UUID(payment["payment_id"]))

    said = capsys.readouterr().out
    assert "provider_refuses_our_key" in said
    assert "held_payment" not in said


async def _a_question(services: Services, clock: Clock) -> None:
    await clock.advance(seconds=timedelta(minutes=2).total_seconds())
    await enqueue_due(services, PAYMENTS)
    await work_off(services)


async def _set_plan(database: Database, change: str) -> None:
    """As only the owner of the table can: a sold plan keeps its days (`plan_keeps_its_terms`)."""
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE subscription_plans DISABLE TRIGGER plan_keeps_its_terms"))
        await connection.execute(
            text(f"UPDATE subscription_plans SET {change} WHERE code = 'PRO_MONTHLY'")  # noqa: S608
        )
        await connection.execute(text("ALTER TABLE subscription_plans ENABLE TRIGGER plan_keeps_its_terms"))
