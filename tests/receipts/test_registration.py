"""A receipt is followed until it is registered; of one that is not, somebody hears exactly once."""

from collections.abc import Awaitable
from typing import Protocol
from uuid import UUID

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.receipts import registration
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.worker import WITH_RECEIPTS
from tests.events.page import hold_to_the_page
from tests.events.told import told
from tests.ledger import rows, value
from tests.receipts.till import paid
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import pass_time, walk_to_the_end

ALARMS = "SELECT subject, facts ->> 'registration' AS registration FROM alarms WHERE kind = 'receipt_not_registered'"
STATES = """
    SELECT receipt_registration FROM payments UNION ALL SELECT receipt_registration FROM refunds
"""


class Passing(Protocol):
    def __call__(self, **by: float) -> Awaitable[None]: ...


@pytest.fixture
def passing(clock: Clock, fiscal: BackOffice, services: Services) -> Passing:
    """Time goes by, and what is due by then is asked."""

    async def go_by(**by: float) -> None:
        await pass_time(clock, fiscal, services, **by)
        for kind in WITH_RECEIPTS:
            await registration.enqueue_due(services, kind)
        await work_off(services)

    return go_by


async def states(database: Database) -> list[str | None]:
    return [row["receipt_registration"] for row in await rows(database, STATES)]


async def hang(office: BackOffice, fault: str) -> None:
    await office.call("PUT", "/faults", [{"operation": "register_receipt", "fault": fault}])


async def test_the_receipts_of_a_sale_and_of_a_part_that_went_back_are_seen_registered(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database, passing: Passing
) -> None:
    payment = await paid(api, fiscal, services)
    await api.refund(payment, "100.00")
    before = await states(database)

    await passing(minutes=1)

    assert (before, await states(database)) == (["pending", "pending"], ["succeeded", "succeeded"])
    assert await value(database, "SELECT count(*) FROM payments WHERE receipt_ask_at IS NOT NULL") == 0
    assert await rows(database, ALARMS) == []


async def test_what_is_registered_is_asked_about_no_more(
    api: MainBackend, fiscal: BackOffice, services: Services, passing: Passing
) -> None:
    await paid(api, fiscal, services)
    await passing(minutes=1)
    asked = len(await fiscal.creations("get_payment"))

    await passing(days=2)

    assert len(await fiscal.creations("get_payment")) == asked


@pytest.mark.parametrize("of", ["a sale", "a part that went back"])
async def test_a_receipt_that_never_registers_is_told_of_once(
    api: MainBackend,
    fiscal: BackOffice,
    services: Services,
    database: Database,
    passing: Passing,
    capsys: pytest.CaptureFixture[str],
    of: str,
) -> None:
    if of == "a sale":
        await hang(fiscal, "stay_pending")
    subject = (await paid(api, fiscal, services))["payment_id"]
    if of != "a sale":
        await hang(fiscal, "stay_pending")
        subject = (await api.refund({"payment_id": subject}, "100.00")).json()["refund_id"]
    await passing(hours=23)
    early = await rows(database, ALARMS)

    await passing(hours=2)
    for _ in range(3):
        await passing(hours=12)

    assert early == []
    assert await rows(database, ALARMS) == [{"subject": subject, "registration": "pending"}]
    assert capsys.readouterr().out.count("receipt_not_registered") == 1
    alarmed = "SELECT count(*) FROM outbox_events WHERE kind = 'billing.alarm'"
    assert await value(database, alarmed) == 1
    [event] = await rows(
        database, "SELECT user_id, data FROM outbox_events WHERE kind = 'receipt.not_registered'"
    )
    assert event["user_id"] == USER
    assert subject in {event["data"]["payment_id"], event["data"]["refund_id"]}
    assert event["data"]["registration"] == "pending"
    hold_to_the_page([event for event in await told(services) if event["type"] == "receipt.not_registered"])


async def test_a_registration_that_is_canceled_is_told_of_at_once_and_once(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database, passing: Passing
) -> None:
    await hang(fiscal, "decline")
    payment = await paid(api, fiscal, services)

    for _ in range(3):
        await passing(minutes=5)
    await walk_to_the_end(services, PAYMENTS)
    await passing(days=2)

    assert await rows(database, ALARMS) == [{"subject": payment["payment_id"], "registration": "canceled"}]
    assert await value(database, "SELECT times FROM alarms WHERE kind = 'receipt_not_registered'") == 1


async def test_one_that_is_late_is_told_of_also_while_yookassa_is_away(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database, passing: Passing
) -> None:
    await paid(api, fiscal, services)
    await fiscal.call("PUT", "/faults", [{"operation": "*", "fault": "error_500"}])

    await passing(hours=25)

    assert [row["registration"] for row in await rows(database, ALARMS)] == ["pending"]


async def test_what_was_not_paid_has_no_receipt_to_ask_about(
    api: MainBackend, fiscal: BackOffice, database: Database, passing: Passing
) -> None:
    payment = (
        await api.post(
            "create-payment/", {"plan_code": "PRO_MONTHLY", "receipt_contact": {"email": "a@example.ru"}}
        )
    ).json()
    await fiscal.decline(payment, "insufficient_funds")

    await passing(days=2)

    assert await value(database, "SELECT status FROM payments") == "CANCELED"
    assert await rows(database, ALARMS) == []


async def test_the_walk_brings_a_registration_along(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await api.refund(await paid(api, fiscal, services), "100.00")
    await clock.advance(minutes=5)
    await fiscal.call("POST", "/clock", {"advance_seconds": 300})

    seen = [await states(database)]
    for kind in (REFUNDS, PAYMENTS):
        await walk_to_the_end(services, kind)
        seen.append(await states(database))

    assert seen == [["pending", "pending"], ["pending", "succeeded"], ["succeeded", "succeeded"]]


@pytest.mark.parametrize(
    ("known", "said", "kept"),
    [("pending", None, "pending"), (None, "succeeded", "succeeded"), ("pending", "succeeded", "succeeded")],
)
async def test_what_yookassa_says_of_a_receipt_is_kept_and_an_answer_without_it_takes_nothing(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    known: str | None,
    said: str | None,
    kept: str,
) -> None:
    """A shop may send its receipts itself: of a sale without one of ours something is said all the same."""
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    await services.statements.fetch("UPDATE payments SET receipt_registration = $1", known)

    async with services.statements.transaction() as tx:
        payment_id = UUID(payment["payment_id"])
        told = seen.model_copy(update={"receipt_registration": said})
        await PAYMENTS.settle(tx, services.settings, payment_id, told)

    assert await states(database) == [kept]


async def test_the_figures_show_what_is_not_registered(
    api: MainBackend, fiscal: BackOffice, services: Services, passing: Passing
) -> None:
    await hang(fiscal, "decline")
    await paid(api, fiscal, services)
    waiting = (await api.http.get("/metrics")).text

    await passing(minutes=1)

    shown = (await api.http.get("/metrics")).text
    assert 'billing_unregistered_receipts{of="payments",registration="pending"} 1.0' in waiting
    assert 'billing_unregistered_receipts{of="payments",registration="canceled"} 1.0' in shown
    assert 'billing_receipts_total{of="payment",registration="canceled"}' in shown
