"""A rouble is paid for real, followed to the end, and sent back."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.operations.findings import Finding
from billing_service.operations.go_live import purchase
from billing_service.operations.go_live.purchase import Patience
from billing_service.receipts import shop
from billing_service.receipts.contact import Contact
from billing_service.services import Services
from tests.events.receiver import deliver, receiving, told_of
from tests.payments.test_live_test_payment import ADMIN, selling_live
from tests.stage import BackOffice, Clock, WebApp, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, pass_time

SOON = Patience(to_pay=10, to_follow=4)
Person = Callable[[str], Coroutine[Any, Any, None]]


@pytest.fixture
async def live(services: Services, office: BackOffice, web: WebApp) -> Services:
    await office.call("PUT", "/shop", {"test": False})
    live = selling_live(services)
    web.app = create_app(live.settings, live)
    return live


async def bought(services: Services, person: Person, contact: Contact | None = None) -> dict[str, Finding]:
    """What was found while a person was at the link, and a worker at work."""
    told: list[str] = []
    people: list[asyncio.Task[None]] = []

    def tell(line: str) -> None:
        told.append(line)
        people.append(asyncio.create_task(person(line)))

    worker = asyncio.create_task(_work_on(services))
    found = {one.what: one async for one in purchase.findings(services, tell, contact=contact, patience=SOON)}
    await asyncio.gather(*people)
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
    return found


async def _work_on(services: Services) -> None:
    while True:
        await work_off(services)
        if services.settings.events_url:
            await deliver(services)
        await asyncio.sleep(0.1)


async def the_only(office: BackOffice) -> dict[str, str]:
    (payment,) = await office.payments()
    return {"yookassa_payment_id": payment["id"]}


def paying(office: BackOffice) -> Person:
    async def pay(_line: str) -> None:
        await office.pay(await the_only(office))

    return pay


async def test_a_purchase_that_goes_well_leaves_nothing_behind(live: Services, office: BackOffice) -> None:
    async with receiving() as receiver:
        found = await bought(told_of(live, receiver), paying(office))

    assert {what: one.verdict for what, one in found.items()} == {
        purchase.PAID: "ok",
        purchase.NOTIFIED: "ok",
        purchase.GIVEN: "ok",
        purchase.TOLD: "ok",
        purchase.REGISTERED: "not checked",
        purchase.RETURNED: "ok",
        purchase.TAKEN: "ok",
    }


async def test_a_receipt_is_followed_too(live: Services, office: BackOffice) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(live)

    found = await bought(live, paying(office), Contact(email="owner@example.com"))

    assert found[purchase.REGISTERED].verdict in {"ok", "not checked"}
    assert found[purchase.REGISTERED].because != "none is sent for this shop"
    assert found[purchase.RETURNED].verdict == "ok"


async def test_a_refusal_of_ours_is_said_in_our_words(live: Services, office: BackOffice) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])

    found = await bought(live, paying(office))

    assert [one.verdict for one in found.values()] == ["wrong"]
    assert str(found[purchase.PAID].because).startswith("YOOKASSA_UNAVAILABLE")


async def test_a_payer_who_does_not_pay_ends_it(live: Services, office: BackOffice) -> None:
    async def decline(_line: str) -> None:
        await office.decline(await the_only(office), "insufficient_funds")

    found = await bought(live, decline)

    assert found == {purchase.PAID: Finding(purchase.PAID, "the payment is canceled")}


async def test_notifications_that_do_not_come_are_found_and_the_rouble_goes_back(
    live: Services, office: BackOffice, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)

    async def pay_and_wait_to_be_asked_about(_line: str) -> None:
        await office.pay(await the_only(office))
        await pass_time(clock, office, live, minutes=10)

    found = await bought(live, pay_and_wait_to_be_asked_about)

    assert found[purchase.NOTIFIED].trouble == "no notification came in 4 s: it was asked about"
    assert (found[purchase.GIVEN].verdict, found[purchase.RETURNED].verdict) == ("ok", "ok")


async def test_without_an_administrator_nothing_is_bought(live: Services) -> None:
    settings = live.settings.model_copy(update={"billing_admin_user_ids": frozenset()})

    found = await bought(replace(live, settings=settings), lambda _: asyncio.sleep(0))

    assert found == {purchase.PAID: Finding(purchase.PAID, None, "BILLING_ADMIN_USER_IDS is blank")}
    assert ADMIN in live.settings.billing_admin_user_ids
