"""What is reported of a refund has its effect only if it agrees with our row; what cannot be is told of."""

from typing import Any
from uuid import UUID

import pytest

from billing_service.kit.db import Database
from billing_service.provider_calls.kinds import settle
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.matching import OUR_MARK
from billing_service.services import Services
from billing_service.yookassa.schemas import Amount, Refund
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

ALARMS = "SELECT kind FROM alarms ORDER BY kind"
OBJECT = "SELECT yookassa_refund_id FROM refunds"


@pytest.fixture
async def pending(
    api: MainBackend, office: BackOffice, services: Services, database: Database, paid: dict[str, Any]
) -> tuple[UUID, Refund]:
    """A refund of everything that is under way, and what the provider says once it is through."""
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "stay_pending"}])
    made = (await api.refund(paid)).json()
    seen = await services.yookassa.get_refund(await value(database, OBJECT))
    return UUID(made["refund_id"]), seen.model_copy(update={"status": "succeeded"})


@pytest.mark.parametrize(
    ("lie", "wrong"),
    [
        ({"amount": Amount(value="1.00", currency="RUB")}, "amount"),
        ({"amount": Amount(value="299.00", currency="EUR")}, "currency"),
        ({"amount": Amount(value="299.00", currency="USD")}, "currency"),
        ({"payment_id": "another"}, "payment"),
        ({"status": "invented"}, "status"),
        ({"id": "another"}, "id"),
    ],
)
async def test_a_refund_reported_otherwise_than_ours_takes_nothing_and_raises_an_alarm(
    services: Services,
    database: Database,
    pending: tuple[UUID, Refund],
    lie: dict[str, object],
    wrong: str,
) -> None:
    refund_id, seen = pending

    settled = await settle(services, REFUNDS, refund_id, seen.model_copy(update=lie))

    assert settled.refused_because == (wrong,)
    assert await rows(database, "SELECT status, applied_at FROM refunds") == [
        {"status": "PENDING", "applied_at": None}
    ]
    assert await days_granted(database, USER) == 30
    assert await rows(database, ALARMS) == [{"kind": "reported_object_mismatch"}]


async def test_a_canceled_refund_that_has_succeeded_after_all_takes_its_access_with_an_alarm(
    api: MainBackend, services: Services, database: Database, pending: tuple[UUID, Refund]
) -> None:
    refund_id, succeeded = pending
    canceled = {"status": "canceled", "cancellation_reason": "rejected_by_timeout"}
    await settle(services, REFUNDS, refund_id, succeeded.model_copy(update=canceled))

    await settle(services, REFUNDS, refund_id, succeeded)

    assert (await api.me())["plan_code"] == "FREE"
    assert await rows(database, "SELECT status, cancellation_reason FROM refunds") == [
        {"status": "SUCCEEDED", "cancellation_reason": None}
    ]
    assert await rows(database, ALARMS) == [{"kind": "late_success"}, {"kind": "refund_canceled"}]


async def test_it_went_back_on_the_day_of_its_success_not_on_that_of_its_cancellation(
    services: Services, database: Database, clock: Clock, pending: tuple[UUID, Refund]
) -> None:
    """Figures, the register of «Мой налог» and the daily audit count it on its day; the earlier one is closed."""
    refund_id, succeeded = pending
    await settle(services, REFUNDS, refund_id, succeeded.model_copy(update={"status": "canceled"}))
    await clock.advance(days=3)

    await settle(services, REFUNDS, refund_id, succeeded)
    await clock.advance(days=3)
    await settle(services, REFUNDS, refund_id, succeeded)

    ago = "SELECT round(extract(epoch FROM billing_now() - completed_at) / 86400)::int FROM refunds"
    assert await value(database, ago) == 3


async def test_an_answer_from_before_its_cancellation_leaves_the_reason(
    services: Services, database: Database, pending: tuple[UUID, Refund]
) -> None:
    refund_id, succeeded = pending
    canceled = {"status": "canceled", "cancellation_reason": "rejected_by_timeout"}
    for report in (canceled, {"status": "pending"}):
        await settle(services, REFUNDS, refund_id, succeeded.model_copy(update=report))

    assert await rows(database, "SELECT status, cancellation_reason FROM refunds") == [
        {"status": "CANCELED", "cancellation_reason": "rejected_by_timeout"}
    ]


async def test_a_success_is_never_taken_back(
    api: MainBackend, services: Services, database: Database, pending: tuple[UUID, Refund]
) -> None:
    refund_id, succeeded = pending
    await settle(services, REFUNDS, refund_id, succeeded)

    canceled = succeeded.model_copy(update={"status": "canceled"})
    settled = await settle(services, REFUNDS, refund_id, canceled)

    assert (settled.changed, settled.refused_because) == (False, ("status",))
    assert (await api.me())["plan_code"] == "FREE"
    assert await rows(database, "SELECT status FROM refunds") == [{"status": "SUCCEEDED"}]
    assert await rows(database, ALARMS) == [{"kind": "impossible_move"}]


async def test_what_goes_back_above_what_was_paid_is_written_down_and_told(
    api: MainBackend, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "200.00")
    seen = await services.yookassa.get_refund(await value(database, OBJECT))
    second = seen.model_copy(update={"id": "another", "metadata": {}})

    async with services.statements.transaction() as tx:
        found = await REFUNDS.find(tx, second, None)
        assert found is not None
        await REFUNDS.settle(tx, services.settings, found, second)

    assert await rows(database, "SELECT status, amount::text FROM refunds") == 2 * [
        {"status": "SUCCEEDED", "amount": "200.00"}
    ]
    assert await rows(database, ALARMS) == [{"kind": "refund_above_payment"}]


@pytest.mark.parametrize(
    ("marked", "kind"),
    [("ours", "second_provider_object"), ("nobody's", "unmatched_object"), ("no id", "unmatched_object")],
)
async def test_an_object_that_bears_a_mark_but_is_not_our_refund_gets_a_row_of_its_own_and_an_alarm(
    api: MainBackend,
    services: Services,
    database: Database,
    paid: dict[str, Any],
    marked: str,
    kind: str,
) -> None:
    made = (await api.refund(paid, "100.00")).json()
    seen = await services.yookassa.get_refund(await value(database, OBJECT))
    mark = {"ours": made["refund_id"], "nobody's": str(UUID(int=1)), "no id": "17"}[marked]
    second = seen.model_copy(update={"id": "another", "metadata": {OUR_MARK: mark}})

    async with services.statements.transaction() as tx:
        found = await REFUNDS.find(tx, second, None)

    assert found != UUID(made["refund_id"])
    assert await value(database, "SELECT count(*) FROM refunds") == 2
    assert await rows(database, ALARMS) == [{"kind": kind}]


async def test_of_two_that_wait_for_their_payment_the_older_one_takes_first(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """100, and then 199 of 299: it is the second after which nothing is left."""
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    for amount in ("100.00", "199.00"):
        await clock.advance(seconds=1)
        await office.call("POST", "/clock", {"advance_seconds": 1})
        await office.refund(payment, amount)
    await work_off(services)

    assert await rows(database, "SELECT amount::text, access FROM refunds ORDER BY created_at, id") == [
        {"amount": "100.00", "access": "keep"},
        {"amount": "199.00", "access": "cut_all"},
    ]
