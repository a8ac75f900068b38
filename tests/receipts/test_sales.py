"""A purchase at a shop that fiscalises carries its receipt, to a contact that was named; elsewhere it has none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.receipts import shop
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.receipts.till import EMAIL, MONTH, buy, money_on_receipts, paid, receipts, sent
from tests.stage import USER, BackOffice, MainBackend, work_off

ITEM = {
    "description": "Безлимитное распознавание фото и расширенная статистика на 30 дней",
    "quantity": 1,
    "amount": {"value": "299.00", "currency": "RUB"},
    "vat_code": 1,
    "payment_subject": "service",
    "payment_mode": "full_payment",
    "measure": "piece",
}


@asynccontextmanager
async def set_so(services: Services, **changes: object) -> AsyncIterator[MainBackend]:
    """The same service with other settings."""
    settings = services.settings.model_copy(update=changes)
    async with MainBackend.calling(create_app(settings, replace(services, settings=settings))) as backend:
        yield backend


async def test_a_purchase_carries_its_receipt_and_is_granted(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database
) -> None:
    await paid(api, fiscal, services)

    [request] = await sent(fiscal, "create_payment")
    description = await value(
        database, "SELECT description FROM subscription_plans WHERE code = 'PRO_MONTHLY'"
    )
    assert request["receipt"] == {
        "customer": EMAIL,
        "items": [ITEM | {"description": description}],
        "tax_system_code": 2,
    }
    assert await money_on_receipts(fiscal) == Decimal("299.00")
    assert await days_granted(database, USER) == 30


@pytest.mark.parametrize("contact", [None, {"phone": "+7 900 123-45-67"}])
async def test_without_an_address_nothing_is_sent_nor_written_down(
    api: MainBackend, fiscal: BackOffice, database: Database, contact: object
) -> None:
    before = await fiscal.call("GET", "/requests")

    answer = await api.post("create-payment/", MONTH | {"receipt_contact": contact})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "RECEIPT_CONTACT_REQUIRED")
    assert error["details"] == {"needs": ["email"]}
    assert await fiscal.call("GET", "/requests") == before
    assert await value(database, "SELECT count(*) FROM payments") == 0


async def test_another_cash_register_takes_a_telephone(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    await fiscal.call("PUT", "/shop", {"fiscalization_provider": "atol"})
    await shop.ask(services)
    nothing = await api.post("create-payment/", MONTH)

    await paid(api, fiscal, services, contact={"phone": "8 (900) 123-45-67"})

    assert nothing.json()["error"]["details"] == {"needs": ["email", "phone"]}
    [request] = await sent(fiscal, "create_payment")
    assert request["receipt"]["customer"] == {"phone": "79001234567"}


async def test_a_contact_that_was_named_once_serves_later_purchases(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    await paid(api, fiscal, services)

    await paid(api, fiscal, services, contact=None)

    assert [request["receipt"]["customer"] for request in await sent(fiscal, "create_payment")] == [EMAIL] * 2


async def test_a_contact_can_be_said_ahead(api: MainBackend, fiscal: BackOffice, services: Services) -> None:
    await api.internal("PUT", f"users/{USER}/receipt-contact", EMAIL)

    await paid(api, fiscal, services, contact=None)

    [request] = await sent(fiscal, "create_payment")
    assert request["receipt"]["customer"] == EMAIL


async def test_at_a_shop_that_does_not_fiscalise_nothing_about_receipts_is_sent_or_kept(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await shop.ask(services)
    payment = await paid(api, office, services)
    await api.refund(payment, "100.00", receipt_contact=EMAIL)

    bodies = [*await sent(office, "create_payment"), *await sent(office, "create_refund")]
    assert len(bodies) == 2
    assert not any("receipt" in body for body in bodies)
    assert await value(database, "SELECT count(*) FROM receipt_contacts") == 0


@pytest.mark.parametrize("mode", ["off", "npd"])
async def test_what_is_switched_off_is_not_sent(services: Services, fiscal: BackOffice, mode: str) -> None:
    async with set_so(services, receipts_mode=mode) as api:
        await api.post("create-payment/", MONTH | {"receipt_contact": EMAIL})

    [request] = await sent(fiscal, "create_payment")
    assert "receipt" not in request


@pytest.mark.parametrize("code", range(1, 13))
async def test_every_vat_code_goes_onto_the_receipt_and_stays_with_the_payment(
    services: Services, fiscal: BackOffice, database: Database, code: int
) -> None:
    async with set_so(services, receipt_vat_codes=((date(2020, 1, 1), code),)) as api:
        payment = await buy(api)
        await fiscal.pay(payment)

    [receipt] = await receipts(fiscal)
    assert receipt["items"][0]["vat_code"] == code
    assert await value(database, "SELECT receipt_vat_code FROM payments") == code


async def test_a_plan_may_have_a_code_of_its_own(api: MainBackend, fiscal: BackOffice) -> None:
    change = {"vat_code": 7, "author": "owner", "reason": "as the accountant says"}
    changed = await api.internal("PATCH", "plans/PRO_MONTHLY", change)

    await buy(api)

    [request] = await sent(fiscal, "create_payment")
    assert changed.json()["vat_code"] == 7
    assert request["receipt"]["items"][0]["vat_code"] == 7


async def test_a_repeat_with_another_contact_is_the_same_payment(
    api: MainBackend, fiscal: BackOffice
) -> None:
    first = await buy(api, Idempotency_Key="a-wish")

    again = await buy(api, {"email": "other@example.ru"}, Idempotency_Key="a-wish")

    assert again["payment_id"] == first["payment_id"]
    assert len(await sent(fiscal, "create_payment")) == 1


@pytest.mark.usefixtures("fiscal")
async def test_an_open_checkout_whose_request_no_key_opens_any_more_makes_room_for_another(
    api: MainBackend, database: Database
) -> None:
    first = await buy(api)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET request_body = 'sealed by a key that is gone'")

    second = await buy(api)

    assert second["payment_id"] != first["payment_id"]
    assert second["confirmation_url"]


async def test_an_open_checkout_is_handed_out_again_unless_the_receipt_shall_go_elsewhere(
    api: MainBackend, fiscal: BackOffice
) -> None:
    mistyped = await buy(api, {"email": "pyaer@example.ru"})
    right = await buy(api)

    again = [await buy(api), await buy(api, None)]

    assert mistyped["payment_id"] != right["payment_id"]
    assert {one["payment_id"] for one in again} == {right["payment_id"]}
    customers = [request["receipt"]["customer"] for request in await sent(fiscal, "create_payment")]
    assert customers == [{"email": "pyaer@example.ru"}, EMAIL]


async def test_a_shop_that_was_switched_meanwhile_refuses_once_and_is_then_asked_for_a_contact(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await shop.ask(services)
    await office.call("PUT", "/shop", {"fiscalization": True})
    answers = [(await api.post("create-payment/", MONTH)).status_code for _ in range(3)]

    bought = await buy(api)

    assert answers == [400, 400, 400]
    assert len(await sent(office, "create_payment")) == 2
    assert bought["confirmation_url"]
    await office.pay(bought)
    await work_off(services)


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({"email": "payer@"}, "email"),
        ({"email": "плательщик@example.ru"}, "email"),
        ({"phone": "123"}, "phone"),
        ({"phone": "8 495 123-45-67"}, "phone"),
        ({}, None),
    ],
)
async def test_a_contact_that_is_none_is_refused_by_its_field_and_not_quoted(
    api: MainBackend, fiscal: BackOffice, contact: dict[str, Any], field: str | None
) -> None:
    answer = await api.post("create-payment/", MONTH | {"receipt_contact": contact})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR")
    assert list(error["details"]["fields"]) == [f"receipt_contact.{field}" if field else "receipt_contact"]
    assert not any(said in answer.text for said in contact.values())
    assert await sent(fiscal, "create_payment") == []


async def test_what_is_frozen_is_the_item_and_nobody_else_s(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database
) -> None:
    await paid(api, fiscal, services)

    [row] = await rows(
        database,
        "SELECT receipt_vat_code, receipt_tax_system_code, receipt_subject, receipt_mode FROM payments",
    )
    assert tuple(row.values()) == (1, 2, "service", "full_payment")
