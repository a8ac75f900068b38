"""Administrators, and nobody else, may pay one rouble to try the live shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.stage import USER, BackOffice, Clock, MainBackend, WebApp, work_off

ADMIN = 7
ROUTE = "create-test-live-payment/"


def selling_live(services: Services) -> Services:
    """The same service with the live shop; its key opens the sandbox all the same, as the client is already made."""
    settings = services.settings.model_copy(
        update={
            "yookassa_mode": "prod",
            "yookassa_shop_id_prod": services.settings.shop_id,
            "yookassa_api_key_prod": SecretStr("live_never_used"),
            "billing_admin_user_ids": frozenset({ADMIN}),
        }
    )
    return replace(services, settings=settings)


@pytest.fixture
async def live(services: Services, office: BackOffice) -> Services:
    await office.call("PUT", "/shop", {"test": False})
    return selling_live(services)


@pytest.fixture
async def backend(live: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(live.settings, live)
    async with MainBackend.calling(web) as backend:
        yield backend


@asynccontextmanager
async def in_test_mode(services: Services) -> AsyncIterator[MainBackend]:
    settings = services.settings.model_copy(update={"billing_admin_user_ids": frozenset({ADMIN})})
    async with MainBackend.calling(create_app(settings, replace(services, settings=settings))) as backend:
        yield backend


async def execute(database: Database, sql: str) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(sql)


async def payment_rows(database: Database) -> list[dict[str, Any]]:
    async with database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT plan_code, amount, is_test, route, user_id FROM payments"
        )
        return [dict(row) for row in rows.mappings()]


async def test_an_administrator_gets_a_bill_of_one_rouble(
    backend: MainBackend, office: BackOffice, database: Database
) -> None:
    answer = await backend.post(ROUTE, {}, ADMIN)

    assert answer.status_code == 201
    created = answer.json()
    assert created.keys() == {
        *("payment_id", "yookassa_payment_id", "status", "confirmation_url"),
        *("test_mode", "amount", "yookassa_mode"),
    }
    assert (created["test_mode"], created["amount"], created["yookassa_mode"]) == (True, "1.00", "prod")
    [row] = await payment_rows(database)
    assert (row["plan_code"], str(row["amount"]), row["is_test"]) == ("TEST_LIVE", "1.00", False)
    [sent] = await office.creations()
    assert sent["body"]["save_payment_method"] is False


async def test_no_body_is_needed(backend: MainBackend) -> None:
    answer = await backend.http.post(f"/api/v1/billing/{ROUTE}", headers={"X-User-Id": str(ADMIN)})

    assert answer.status_code == 201


async def test_once_paid_its_day_is_granted_and_never_shown_as_pro(
    backend: MainBackend, live: Services, office: BackOffice
) -> None:
    created = (await backend.post(ROUTE, {}, ADMIN)).json()

    await office.pay(created)
    await work_off(live)

    assert (await backend.payment(created["payment_id"], ADMIN))["status"] == "succeeded"
    assert (await backend.me(ADMIN))["plan_code"] == "TEST_LIVE"
    shown = (await backend.get("subscription/", ADMIN)).json()
    assert (shown["plan"], shown["expires_at"], shown["is_active"]) == ("free", None, True)


async def test_an_ended_rouble_is_no_ended_subscription(
    backend: MainBackend, live: Services, office: BackOffice, clock: Clock
) -> None:
    await office.pay((await backend.post(ROUTE, {}, ADMIN)).json())
    await work_off(live)

    await clock.advance(days=2)

    shown = (await backend.get("subscription/", ADMIN)).json()
    assert (shown["plan"], shown["expires_at"], shown["is_active"]) == ("free", None, True)


async def test_nobody_else_gets_one(backend: MainBackend, database: Database) -> None:
    answer = await backend.post(ROUTE, {}, USER)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await payment_rows(database) == []


async def test_in_the_test_shop_there_is_nothing_to_try(services: Services, database: Database) -> None:
    async with in_test_mode(services) as backend:
        answer = await backend.post(ROUTE, {}, ADMIN)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await payment_rows(database) == []


@pytest.mark.parametrize("user", [ADMIN, USER])
async def test_the_plan_cannot_be_bought_any_other_way(backend: MainBackend, user: int) -> None:
    answer = await backend.post("create-payment/", {"plan_code": "TEST_LIVE"}, user)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PLAN")


async def test_no_other_plan_can_be_had_for_a_rouble(backend: MainBackend, database: Database) -> None:
    await backend.post(ROUTE, {"plan_code": "PRO_YEARLY", "amount": "1.00"}, ADMIN)

    assert [row["plan_code"] for row in await payment_rows(database)] == ["TEST_LIVE"]


async def test_without_the_plan_it_says_so(backend: MainBackend, database: Database) -> None:
    await execute(database, "UPDATE subscription_plans SET is_active = false WHERE code = 'TEST_LIVE'")
    try:
        answer = await backend.post(ROUTE, {}, ADMIN)
    finally:
        await execute(database, "UPDATE subscription_plans SET is_active = true WHERE code = 'TEST_LIVE'")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "TEST_PLAN_NOT_FOUND")


async def test_a_repeat_makes_no_second_payment(backend: MainBackend, database: Database) -> None:
    by_key = [(await backend.post(ROUTE, {}, ADMIN, Idempotency_Key="try-1")).json() for _ in range(3)]

    assert len({created["payment_id"] for created in by_key}) == 1
    assert len(await payment_rows(database)) == 1


async def test_the_same_key_on_the_other_route_is_another_wish(
    backend: MainBackend, database: Database
) -> None:
    await backend.post(ROUTE, {}, ADMIN, Idempotency_Key="one-key")
    bought = await backend.post(
        "create-payment/", {"plan_code": "PRO_MONTHLY"}, ADMIN, Idempotency_Key="one-key"
    )

    assert bought.status_code == 201
    assert sorted(row["route"] for row in await payment_rows(database)) == [
        "create-payment",
        ROUTE.rstrip("/"),
    ]


async def test_it_shares_the_budget_of_creations(backend: MainBackend) -> None:
    answers = [
        (await backend.post(ROUTE, {}, ADMIN, Idempotency_Key=f"try-{number}")).status_code
        for number in range(20)
    ]
    bought = await backend.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, ADMIN)

    assert answers == [201] * 20
    assert bought.status_code == 429


async def test_the_app_is_told_who_may(backend: MainBackend, services: Services) -> None:
    assert (await backend.me(ADMIN))["test_live_payment_available"] is True
    assert (await backend.me(USER))["test_live_payment_available"] is False
    async with in_test_mode(services) as test_mode:
        assert (await test_mode.me(ADMIN))["test_live_payment_available"] is False
