"""What goes back, and what was only held, has its receipts too; together they add up to the money that was kept."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.receipts import shop
from billing_service.services import Services
from tests.ledger import days_granted, value
from tests.receipts.till import EMAIL, buy, money_on_receipts, paid, receipts, sent
from tests.stage import USER, BackOffice, Clock, MainBackend
from tests.stories.silence import LOSE_EVERY_NOTIFICATION


async def test_parts_go_back_with_the_item_of_the_sale_and_the_returned_sum(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    payment = await paid(api, fiscal, services)

    first = await api.refund(payment, "100.00")
    kept = await money_on_receipts(fiscal)
    rest = await api.refund(payment)

    [sale] = await sent(fiscal, "create_payment")
    parts = [body["receipt"] for body in await sent(fiscal, "create_refund")]
    assert (first.status_code, rest.status_code) == (201, 201)
    for part, sum_ in zip(parts, ("100.00", "199.00"), strict=True):
        returned = {"amount": {"value": sum_, "currency": "RUB"}}
        assert part == sale["receipt"] | {"items": [sale["receipt"]["items"][0] | returned]}
    assert (kept, await money_on_receipts(fiscal)) == (Decimal("199.00"), Decimal("0.00"))


async def test_all_in_one_piece_needs_no_receipt_of_ours(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    payment = await paid(api, fiscal, services)

    await api.refund(payment)

    [body] = await sent(fiscal, "create_refund")
    assert "receipt" not in body
    assert await money_on_receipts(fiscal) == Decimal("0.00")


async def test_held_money_is_taken_with_the_receipt_it_came_with(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database
) -> None:
    await fiscal.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY", "receipt_contact": EMAIL})
    await fiscal.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment_id, sealed = (
        await value(database, "SELECT id FROM payments"),
        await value(database, "SELECT request_body FROM payments"),
    )
    two_stages = json.dumps(json.loads(services.vault.open(sealed)) | {"capture": False}).encode()
    made = await services.yookassa.create_payment(two_stages, idempotence_key=str(payment_id))
    await fiscal.pay({"yookassa_payment_id": made.id})
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET yookassa_payment_id = $1", (made.id,))

    await ask(services, PAYMENTS, UUID(str(payment_id)))

    assert await days_granted(database, USER) == 30
    assert [receipt["type"] for receipt in await receipts(fiscal)] == ["payment"]
    assert await money_on_receipts(fiscal) == Decimal("299.00")


async def test_without_a_contact_a_part_is_refused_before_any_call(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid(api, fiscal, services)
    await api.internal("DELETE", f"users/{USER}/receipt-contact")
    before = await fiscal.call("GET", "/requests")

    refused = await api.refund(payment, "100.00")
    after = await fiscal.call("GET", "/requests")
    named = await api.refund(payment, "100.00", receipt_contact=EMAIL)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "RECEIPT_CONTACT_REQUIRED")
    assert after == before
    assert named.status_code == 201
    assert await value(database, "SELECT count(*) FROM refunds") == 1


async def test_a_shop_that_was_switched_meanwhile_refuses_a_part_once_and_takes_the_next_with_its_receipt(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    payment = await paid(api, fiscal, services)
    await fiscal.call("PUT", "/shop", {"fiscalization": False})
    await shop.ask(services)
    await fiscal.call("PUT", "/shop", {"fiscalization": True})

    refused = await api.refund(payment, "100.00", receipt_contact=EMAIL)
    sent_back = await api.refund(payment, "100.00", receipt_contact=EMAIL)

    assert refused.json()["error"]["code"] == "YOOKASSA_REJECTED"
    assert sent_back.status_code == 201, sent_back.text
    assert await money_on_receipts(fiscal) == Decimal("199.00")


async def test_in_january_a_return_repeats_what_december_said_and_a_sale_does_not(
    services: Services, fiscal: BackOffice, clock: Clock, database: Database
) -> None:
    codes = ((date(2020, 1, 1), 11), (date(2027, 1, 1), 7))
    settings = services.settings.model_copy(update={"receipt_vat_codes": codes})
    changed = replace(services, settings=settings)

    async def come_to(then: datetime) -> None:
        seconds = (then - await value(database, "SELECT billing_now()")).total_seconds()
        await clock.advance(seconds=seconds)
        await fiscal.call("POST", "/clock", {"advance_seconds": seconds})
        await shop.ask(changed)

    async with MainBackend.calling(create_app(settings, changed)) as api:
        # An hour before the new year in Moscow, which begins at 21:00 UTC.
        await come_to(datetime(2026, 12, 31, 20, tzinfo=UTC))
        december = await buy(api)
        await fiscal.pay(december)
        await ask(changed, PAYMENTS, UUID(december["payment_id"]))
        await come_to(datetime(2026, 12, 31, 22, tzinfo=UTC))
        await buy(api, user=2)
        answer = await api.refund(december, "100.00")

    sold = [body["receipt"]["items"][0]["vat_code"] for body in await sent(fiscal, "create_payment")]
    [returned] = await sent(fiscal, "create_refund")
    assert answer.status_code == 201
    assert sold == [11, 7]
    assert returned["receipt"]["items"][0]["vat_code"] == 11


async def test_a_part_of_what_was_sold_without_a_receipt_is_described_as_on_the_day_of_the_sale(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await shop.ask(services)
    payment = await paid(api, office, services, contact=None)
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)

    await api.refund(payment, "100.00", receipt_contact=EMAIL)

    [body] = await sent(office, "create_refund")
    assert body["receipt"]["items"][0]["vat_code"] == 1
    assert body["receipt"]["items"][0]["amount"]["value"] == "100.00"


async def test_a_return_repeats_the_sale_whatever_was_configured_since(
    api: MainBackend, fiscal: BackOffice, services: Services
) -> None:
    payment = await paid(api, fiscal, services)
    changes = {"receipt_vat_codes": ((date(2020, 1, 1), 11),), "receipt_payment_subject": "another"}
    settings = services.settings.model_copy(update=changes)
    who = {"author": "owner", "reason": "another text and another code"}
    await api.internal("PATCH", "plans/PRO_MONTHLY", {"description": "PRO", "vat_code": 7} | who)

    async with MainBackend.calling(create_app(settings, replace(services, settings=settings))) as changed:
        await changed.refund(payment, "100.00")

    [sale], [returned] = await sent(fiscal, "create_payment"), await sent(fiscal, "create_refund")
    [sold], [back] = sale["receipt"]["items"], returned["receipt"]["items"]
    assert back == sold | {"amount": back["amount"]}
