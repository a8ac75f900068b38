"""Settling: one at a time for one user, and only what fits the row that it is settled on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.payments.models import Payment
from billing_service.payments.settlement import settle
from billing_service.provider_calls.kinds import Settlement
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from tests.ledger import days_granted, rows, spans_lie_end_to_end, value
from tests.stage import USER, BackOffice, Clock, MainBackend
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, as_sent

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

CANCELLATION = "SELECT status, cancellation_reason AS reason FROM payments"


async def settle_it(services: Services, payment_id: str, seen: yookassa.Payment) -> Settlement[Payment]:
    async with services.statements.transaction() as tx:
        return await settle(tx, services.settings, UUID(payment_id), seen)


@contextmanager
def alarms() -> Iterator[list[str]]:
    """The kinds of the alarms raised inside the block."""
    kinds: list[str] = []
    with capture_logs() as lines:
        yield kinds
    kinds += [line["kind"] for line in lines if line["event"] == "alarm.raised"]


async def paid_in_silence(api: MainBackend, office: BackOffice, key: str = "one") -> dict[str, Any]:
    """A payment that was paid, and nobody has told us."""
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment = await api.buy("PRO_MONTHLY", Idempotency_Key=key)
    await office.pay(payment)
    return payment


async def a_second_object(
    services: Services, office: BackOffice, payment: dict[str, Any], *, pay: bool = True
) -> yookassa.Payment:
    """Another one that the provider has for the same payment of ours, e.g. under a key that it forgot."""
    made = await services.yookassa.create_payment(
        as_sent(UUID(payment["payment_id"])), idempotence_key="late"
    )
    if pay:
        await office.pay({"yookassa_payment_id": made.id})
    return await services.yookassa.get_payment(made.id)


async def test_a_second_settlement_of_one_user_waits_for_an_uncommitted_first_one(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings, database: Database
) -> None:
    first, second = [await paid_in_silence(api, office, key) for key in ("one", "two")]
    seen = [await services.yookassa.get_payment(one["yookassa_payment_id"]) for one in (first, second)]

    async with services.statements.transaction() as tx:
        await settle(tx, services.settings, UUID(first["payment_id"]), seen[0])
        settling = asyncio.create_task(settle_it(services, second["payment_id"], seen[1]))
        await _until_it_waits(settings, settling)
        assert not settling.done()
    await settling

    assert await days_granted(database, USER) == 60
    assert await spans_lie_end_to_end(database)


async def _until_it_waits(settings: Settings, task: asyncio.Task[object]) -> None:
    """The statement of this task waits for a lock, or has not needed to."""
    async with _watching(settings) as watcher, asyncio.timeout(5):
        while not task.done() and not await watcher.fetchval(WAITING):  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def _watching(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    watcher = await asyncpg.connect(settings.database_url)
    try:
        yield watcher
    finally:
        await watcher.close()


async def test_a_live_payment_reported_as_one_of_the_test_shop_grants_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid_in_silence(api, office)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET is_test = false")
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])

    with alarms() as raised:
        settled = await settle_it(services, payment["payment_id"], seen)

    assert (settled.refused_because, seen.test) == (("test",), True)
    assert await days_granted(database, USER) == 0
    assert raised == ["reported_object_mismatch"]


async def test_a_surplus_of_another_amount_is_refused_for_its_amount_with_an_alarm(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """Whoever settles it a moment after another one has adopted it brings the same object, or a contradicting one."""
    payment = await paid_in_silence(api, office)
    await settle_it(
        services, payment["payment_id"], await services.yookassa.get_payment(payment["yookassa_payment_id"])
    )
    second = await a_second_object(services, office, payment)
    await settle_it(services, payment["payment_id"], second)
    less = yookassa.Amount(value="1.00", currency="RUB")

    with alarms() as raised:
        settled = await settle_it(services, payment["payment_id"], second.model_copy(update={"amount": less}))

    assert settled.refused_because == ("amount",)
    assert settled.row.surplus_of == UUID(payment["payment_id"])
    assert raised == ["reported_object_mismatch"]
    assert await days_granted(database, USER) == 60


async def test_a_second_object_that_nobody_has_paid_makes_no_row(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    second = await a_second_object(services, office, payment, pay=False)

    with alarms() as raised:
        settled = await settle_it(services, payment["payment_id"], second)

    assert settled.refused_because == ("id",)
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert raised == ["second_provider_object"]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"amount": yookassa.Amount(value="1.00", currency="RUB")},
        {"account_id": "777777"},
        {"test": False},
    ],
)
async def test_a_second_object_that_was_paid_otherwise_is_not_adopted(
    api: MainBackend, office: BackOffice, services: Services, database: Database, otherwise: dict[str, object]
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    second = await a_second_object(services, office, payment)

    with alarms() as raised:
        settled = await settle_it(services, payment["payment_id"], second.model_copy(update=otherwise))

    assert "id" in settled.refused_because
    assert await rows(database, "SELECT status FROM payments") == [{"status": "PENDING"}]
    assert raised == ["reported_object_mismatch"]


async def test_a_payment_was_paid_when_the_provider_took_the_money_and_not_when_we_heard_of_it(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await paid_in_silence(api, office)
    await clock.advance(hours=2)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])

    await settle_it(services, payment["payment_id"], seen)

    assert seen.captured_at is not None
    assert await value(database, "SELECT paid_at FROM payments") == seen.captured_at


async def test_a_payment_that_succeeds_after_it_was_canceled_shows_no_cancellation(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid_in_silence(api, office)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    declined = {
        "status": "canceled",
        "paid": False,
        "cancellation_party": "payment_network",
        "cancellation_reason": "insufficient_funds",
    }
    await settle_it(services, payment["payment_id"], seen.model_copy(update=declined))
    canceled = await rows(database, CANCELLATION)

    with alarms() as raised:
        await settle_it(services, payment["payment_id"], seen)

    assert canceled == [{"status": "CANCELED", "reason": "insufficient_funds"}]
    assert await rows(database, CANCELLATION) == [{"status": "SUCCEEDED", "reason": None}]
    assert await days_granted(database, USER) == 30
    assert raised == ["late_success"]


async def test_an_answer_from_before_the_decline_leaves_its_reason(
    api: MainBackend, services: Services, database: Database
) -> None:
    payment = await api.buy()
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    declined = {
        "status": "canceled",
        "cancellation_party": "payment_network",
        "cancellation_reason": "insufficient_funds",
    }
    await settle_it(services, payment["payment_id"], seen.model_copy(update=declined))

    await settle_it(services, payment["payment_id"], seen)

    assert seen.status == "pending"
    assert await rows(database, CANCELLATION) == [{"status": "CANCELED", "reason": "insufficient_funds"}]


async def test_a_success_that_is_reported_as_canceled_stays_one_and_a_person_is_told(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid_in_silence(api, office)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    await settle_it(services, payment["payment_id"], seen)

    with alarms() as raised:
        settled = await settle_it(
            services, payment["payment_id"], seen.model_copy(update={"status": "canceled"})
        )

    assert (settled.changed, settled.refused_because) == (False, ("status",))
    assert raised == ["impossible_move"]
    assert await rows(database, CANCELLATION) == [{"status": "SUCCEEDED", "reason": None}]
    assert await days_granted(database, USER) == 30


async def test_a_renewal_that_is_paid_beside_an_open_checkout_is_no_double_purchase(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    renewal, checkout = [await paid_in_silence(api, office, key) for key in ("renewal", "checkout")]
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE payments SET is_recurring = true, imported = true WHERE id = $1",
            (UUID(renewal["payment_id"]),),
        )

    with alarms() as raised:
        for payment in (renewal, checkout):
            seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
            await settle_it(services, payment["payment_id"], seen)

    assert await days_granted(database, USER) == 60
    assert raised == []


async def test_two_users_who_pay_at_the_same_time_are_no_double_purchase(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payments = [await api.buy("PRO_MONTHLY", user) for user in (1001, 1002)]

    with alarms() as raised:
        for payment in payments:
            await office.pay(payment)
            seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
            await settle_it(services, payment["payment_id"], seen)

    assert raised == []


async def test_a_refused_payment_is_in_nobodys_hands_and_in_no_doubt(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "refusal"}])

    with capture_logs() as lines:
        await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})

    assert [line["after"] for line in lines if line["event"] == "payment.settled"] == ["FAILED"]
    assert await rows(
        database, "SELECT status, outcome_unknown, send_lease_until, request_body FROM payments"
    ) == [{"status": "FAILED", "outcome_unknown": False, "send_lease_until": None, "request_body": None}]


async def test_a_provider_that_is_ahead_of_the_database_is_told_of_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid_in_silence(api, office)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    assert seen.captured_at is not None
    ahead = seen.model_copy(update={"captured_at": seen.captured_at + timedelta(hours=1)})

    with alarms() as raised:
        await settle_it(services, payment["payment_id"], ahead)
    with alarms() as raised_again:
        await settle_it(services, payment["payment_id"], ahead)

    assert (raised, raised_again) == (["clock_skew"], [])
    assert await days_granted(database, USER) == 30
