"""Money goes back by the API or in the provider's cabinet, told of or not, before and after its payment is settled."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.settlement import settle
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.yookassa.schemas import Amount
from tests.bad_days.invariants import MISLAID, broken_rules
from tests.ledger import days_granted, rows, spans_lie_end_to_end, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION, pass_time, walk_to_the_end

Hear = Callable[[], Awaitable[None]]
REFUND = "SELECT status, made_by, access, amount::text FROM refunds ORDER BY created_at, id"


@pytest.fixture(params=["told", "with every notification lost"])
async def hear(request: pytest.FixtureRequest, services: Services, office: BackOffice, clock: Clock) -> Hear:
    """Work off what was told; or let the time between two walks pass, ask about what is open, and walk the lists."""
    if request.param == "told":
        return lambda: work_off(services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)

    async def ask() -> None:
        await pass_time(clock, office, services, minutes=6)
        for kind in (PAYMENTS, REFUNDS):
            await walk_to_the_end(services, kind)
        await work_off(services)

    return ask


@pytest.fixture
async def paid(api: MainBackend, office: BackOffice, hear: Hear) -> dict[str, Any]:
    """A month, paid and granted."""
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await hear()
    return payment


async def as_it_must_be(office: BackOffice, database: Database) -> None:
    """Of every payment our refunds add up to what the provider says, each with its effect; and nothing is broken."""
    ours = await rows(
        database,
        "SELECT p.yookassa_payment_id AS id, coalesce(sum(r.amount), 0.00)::text AS returned FROM payments p "
        "LEFT JOIN refunds r ON r.payment_id = p.id AND r.status = 'SUCCEEDED' GROUP BY p.id",
    )
    theirs = await office.refunded()
    assert {row["id"]: row["returned"] for row in ours} == {row["id"]: theirs[row["id"]] for row in ours}
    assert await broken_rules(database) == {}


async def test_a_full_refund_in_the_cabinet_ends_the_access(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear, paid: dict[str, Any]
) -> None:
    await office.refund(paid)
    await hear()

    assert (await api.me())["plan_code"] == "FREE"
    assert await rows(database, REFUND) == [
        {"status": "SUCCEEDED", "made_by": "cabinet", "access": "cut_all", "amount": "299.00"}
    ]
    await as_it_must_be(office, database)


async def test_a_part_in_the_cabinet_keeps_the_access(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear, paid: dict[str, Any]
) -> None:
    await office.refund(paid, "100.00")
    await hear()

    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    assert await days_granted(database, USER) == 30
    listed = (await api.internal("GET", f"payments/{paid['payment_id']}/refunds")).json()["results"]
    assert [(one["amount"], one["access"], one["author"]) for one in listed] == [("100.00", "keep", None)]
    await as_it_must_be(office, database)


async def test_a_refund_by_api_is_told_of_too_and_stays_one(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "100.00")
    await hear()

    assert [row["made_by"] for row in await rows(database, REFUND)] == ["api"]
    await as_it_must_be(office, database)


async def test_money_returned_before_the_payment_is_settled_buys_no_access(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await office.refund(payment)
    await hear()

    assert (await api.payment(payment["payment_id"]))["status"] in {"succeeded", "refunded"}
    assert await value(database, "SELECT bool_and(isempty(span)) FROM subscription_periods")
    assert (await api.me())["plan_code"] == "FREE"
    await as_it_must_be(office, database)


async def test_a_part_returned_before_the_payment_is_settled_takes_what_is_configured(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await office.refund(payment, "100.00")
    await hear()

    assert await days_granted(database, USER) == 30
    await as_it_must_be(office, database)


@pytest.mark.parametrize("first", ["payment.succeeded", "refund.succeeded"])
async def test_whichever_of_the_two_is_told_first_it_comes_out_the_same(
    api: MainBackend, office: BackOffice, services: Services, database: Database, first: str
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    refund = await office.refund(payment)
    await office.call("PUT", "/faults", [])
    told = {
        "payment.succeeded": {"id": payment["yookassa_payment_id"], "status": "succeeded"},
        "refund.succeeded": {
            "id": refund["id"],
            "payment_id": payment["yookassa_payment_id"],
            "status": "succeeded",
        },
    }

    for event in sorted(told, key=lambda event: event != first):
        await api.notify({"type": "notification", "event": event, "object": told[event]})
        await work_off(services)
        assert await value(database, "SELECT bool_and(isempty(span)) FROM subscription_periods")

    assert [row["status"] for row in await rows(database, "SELECT status FROM webhook_logs")] == 2 * [
        "SUCCESS"
    ]
    await as_it_must_be(office, database)


async def test_a_refund_made_while_its_payment_is_being_settled_takes_its_access(
    api: MainBackend, office: BackOffice, services: Services, database: Database, hear: Hear
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    seen_before = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    await office.refund(payment)
    async with services.statements.transaction() as tx:
        payment_id = (await rows(database, "SELECT id FROM payments"))[0]["id"]
        await settle(tx, services.settings, payment_id, seen_before)
    await hear()

    assert (await api.me())["plan_code"] == "FREE"
    await as_it_must_be(office, database)


async def test_a_refund_that_waits_for_its_payment_is_applied_when_that_is_settled_from_an_older_answer(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    seen_before = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    refund = await services.yookassa.get_refund((await office.refund(payment))["id"])
    payment_id = (await rows(database, "SELECT id FROM payments"))[0]["id"]
    async with services.statements.transaction() as tx:
        refund_id = await REFUNDS.find(tx, refund, None)
        assert refund_id is not None
        await REFUNDS.settle(tx, services.settings, refund_id, refund)
        still_news = not await REFUNDS.is_known(tx, refund_id, refund)
    waits = await rows(database, "SELECT status, applied_at, seen_at IS NOT NULL AS seen FROM refunds")

    async with services.statements.transaction() as tx:
        await settle(tx, services.settings, payment_id, seen_before)
        is_known = await REFUNDS.is_known(tx, refund_id, refund)

    assert waits == [{"status": "SUCCEEDED", "applied_at": None, "seen": True}]
    assert (still_news, is_known) == (True, True)
    assert await value(database, "SELECT bool_and(isempty(span)) FROM subscription_periods")
    await as_it_must_be(office, database)


async def test_a_payment_in_doubt_that_was_paid_and_returned_is_both_in_the_end(
    api: MainBackend, office: BackOffice, services: Services, database: Database, hear: Hear, clock: Clock
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER)
    assert (await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})).status_code == 503
    await office.call("PUT", "/faults", faults)
    (theirs,) = await office.payments()
    payment = {"yookassa_payment_id": theirs["id"]}
    await office.pay(payment)
    await office.refund(payment)
    await hear()
    await pass_time(clock, office, services, seconds=61)

    assert await rows(database, "SELECT status FROM payments") == [{"status": "SUCCEEDED"}]
    assert (await api.me())["plan_code"] == "FREE"
    await as_it_must_be(office, database)


async def test_a_late_refund_of_a_payment_that_was_canceled_here_settles_the_payment_first(
    api: MainBackend, office: BackOffice, services: Services, database: Database, hear: Hear
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await services.statements.fetch("UPDATE payments SET status = 'CANCELED', request_body = NULL")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    refund = await office.refund(payment, "100.00")
    object_ = {"id": refund["id"], "payment_id": payment["yookassa_payment_id"], "status": "succeeded"}
    await api.notify({"type": "notification", "event": "refund.succeeded", "object": object_})
    await hear()

    assert await rows(database, "SELECT status FROM payments") == [{"status": "SUCCEEDED"}]
    assert await days_granted(database, USER) == 30
    await as_it_must_be(office, database)


async def test_the_refund_of_the_first_of_three_periods_leaves_no_hole(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear
) -> None:
    payments = []
    for plan in ("PRO_MONTHLY", "PRO_YEARLY", "PRO_MONTHLY"):
        payments.append(await api.buy(plan))
        await office.pay(payments[-1])
        await hear()
    before = (await api.me())["plan_code"]

    await office.refund(payments[0])
    await hear()

    assert (before, (await api.me())["plan_code"]) == ("PRO_MONTHLY", "PRO_YEARLY")
    assert await spans_lie_end_to_end(database)
    lengths = await rows(
        database,
        "SELECT extract(epoch FROM upper(span) - lower(span))::int / 86400 AS days FROM subscription_periods "
        "ORDER BY id OFFSET 1",
    )
    assert [row["days"] for row in lengths] == [365, 30]
    await as_it_must_be(office, database)


async def test_the_refund_of_a_period_that_has_not_begun_cuts_only_that_one(
    api: MainBackend, office: BackOffice, database: Database, hear: Hear, paid: dict[str, Any]
) -> None:
    second = await api.buy("PRO_YEARLY")
    await office.pay(second)
    await hear()

    await office.refund(second)
    await hear()

    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    assert paid["payment_id"] != second["payment_id"]
    assert await days_granted(database, USER) == 30
    await as_it_must_be(office, database)


async def test_used_days_are_never_taken(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    hear: Hear,
    clock: Clock,
    paid: dict[str, Any],
) -> None:
    await pass_time(clock, office, services, days=20)

    await office.refund(paid)
    await hear()

    assert 20 <= await days_granted(database, USER) < 20.01
    assert (await api.me())["plan_code"] == "FREE"
    await as_it_must_be(office, database)


async def test_a_lost_answer_is_found_out_without_anybody_asking_again(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    hear: Hear,
    clock: Clock,
    paid: dict[str, Any],
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_after", "count": 3}])
    lost = await api.refund(paid)
    await office.call("PUT", "/faults", faults)
    with capture_logs() as lines:
        await hear()
        await pass_time(clock, office, services, seconds=61)

    assert lost.status_code == 503
    assert [line["exists"] for line in lines if line["event"] == "refund.doubt_ended"] == [True]
    assert [row["made_by"] for row in await rows(database, REFUND)] == ["api"]
    assert (await api.me())["plan_code"] == "FREE"
    await as_it_must_be(office, database)


async def test_a_request_that_never_arrived_is_sent_again_by_itself(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    clock: Clock,
    hear: Hear,
    paid: dict[str, Any],
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_before", "count": 3}])
    lost = await api.refund(paid, "100.00")
    await office.call("PUT", "/faults", faults)
    await pass_time(clock, office, services, seconds=61)
    await hear()

    assert lost.status_code == 503
    assert await office.refunded() == {paid["yookassa_payment_id"]: "100.00"}
    await as_it_must_be(office, database)


async def test_after_six_hours_only_the_lists_decide(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    clock: Clock,
    hear: Hear,
    paid: dict[str, Any],
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_before"}])
    await api.refund(paid, "100.00", key="one")
    sent = len(await office.creations("create_refund"))
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    with capture_logs() as lines:
        for hours in (7, 2, 2):
            await pass_time(clock, office, services, hours=hours)
    repeated = await api.refund(paid, "100.00", key="one")

    assert len(await office.creations("create_refund")) == sent
    assert [row["status"] for row in await rows(database, REFUND)] == ["FAILED"]
    [ended] = [line for line in lines if line["event"] == "refund.doubt_ended"]
    assert (ended["exists"], ended["status"]) == (False, "FAILED")
    assert "refund.never_created" in [line["event"] for line in lines]
    told = [(line["kind"], line["reason"]) for line in lines if line["event"] == "alarm.raised"]
    assert told == [("refund_canceled", "never_created")]
    assert repeated.json()["error"]["code"] == "YOOKASSA_REJECTED"
    assert (await api.refund(paid, "299.00", key="two")).status_code == 201
    await hear()
    await as_it_must_be(office, database)


@pytest.mark.parametrize("reason", ["insufficient_funds", "rejected_by_timeout"])
async def test_a_pending_refund_that_ends_canceled_takes_nothing_and_may_be_sent_again_with_a_new_key(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    clock: Clock,
    hear: Hear,
    paid: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    reason: str,
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    doomed = {"operation": "create_refund", "fault": "stay_pending", "seconds": 60, "reason": reason}
    await office.call("PUT", "/faults", [doomed, *faults])
    first = (await api.refund(paid, key="one")).json()
    await office.call("PUT", "/faults", faults)
    meanwhile = await api.refund(paid, "0.01")
    await pass_time(clock, office, services, seconds=90)
    await hear()
    ended = (await api.refund(paid, key="one")).json()
    still_pro = (await api.me())["plan_code"]

    second = await api.refund(paid, key="two")
    await hear()

    assert (first["status"], meanwhile.status_code) == ("pending", 409)
    assert ended == first | {
        "status": "canceled",
        "cancellation": {"party": "yoo_money", "reason": reason},
        "completed_at": ended["completed_at"],
    }
    assert "refund_canceled" in capsys.readouterr().out
    assert still_pro == "PRO_MONTHLY"
    assert second.json()["status"] == "succeeded"
    assert len(await office.creations("create_refund")) == 2
    await as_it_must_be(office, database)


async def test_a_pending_refund_changes_access_when_it_succeeds_and_not_before(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    clock: Clock,
    hear: Hear,
    paid: dict[str, Any],
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    slow = {"operation": "create_refund", "fault": "stay_pending", "seconds": 3600}
    await office.call("PUT", "/faults", [slow, *faults])
    await api.refund(paid)
    await office.call("PUT", "/faults", faults)
    await pass_time(clock, office, services, seconds=90)
    await hear()
    pending = (await api.me())["plan_code"]

    await pass_time(clock, office, services, seconds=3600)
    await hear()

    assert (pending, (await api.me())["plan_code"]) == ("PRO_MONTHLY", "FREE")
    await as_it_must_be(office, database)


async def test_of_two_pending_parts_the_one_that_succeeds_last_ends_the_access(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    clock: Clock,
    hear: Hear,
    paid: dict[str, Any],
) -> None:
    faults = (await office.call("GET", "/faults"))["results"]
    slow = {"operation": "create_refund", "fault": "stay_pending", "seconds": 300, "count": 1}
    await office.call("PUT", "/faults", [slow, *faults])
    await api.refund(paid, "200.00")
    second = (await api.refund(paid, "99.00")).json()
    between = (await api.me())["plan_code"]
    await pass_time(clock, office, services, seconds=400)
    await hear()

    assert (second["status"], second["access"]) == ("succeeded", "keep")
    assert (between, (await api.me())["plan_code"]) == ("PRO_MONTHLY", "FREE")
    await as_it_must_be(office, database)


async def test_refunds_from_before_the_first_walk_are_found_back_to_the_first_payment(
    api: MainBackend, office: BackOffice, database: Database, services: Services, clock: Clock
) -> None:
    payment = await api.buy("PRO_YEARLY")
    await office.pay(payment)
    await work_off(services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.refund(payment, "100.00")
    await pass_time(clock, office, services, days=200)

    await walk_to_the_end(services, REFUNDS)

    assert [row["amount"] for row in await rows(database, REFUND)] == ["100.00"]
    await as_it_must_be(office, database)


async def another_systems_payment(services: Services, metadata: dict[str, str]) -> dict[str, Any]:
    body = {
        "amount": {"value": "500.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"},
        "metadata": metadata,
    }
    made = await services.yookassa.create_payment(json.dumps(body).encode(), idempotence_key="another")
    return {"yookassa_payment_id": made.id}


async def test_a_refund_of_another_system_in_the_shop_is_left_alone(
    api: MainBackend, office: BackOffice, database: Database, services: Services, hear: Hear
) -> None:
    # We have sold something, so that the walk has a beginning.
    await api.buy("PRO_MONTHLY")
    payment = await another_systems_payment(services, {"order": "7"})
    await office.pay(payment)
    await office.refund(payment)
    await hear()

    assert await rows(database, "SELECT * FROM refunds") == []
    assert await rows(database, "SELECT * FROM alarms") == []
    assert {row["status"] for row in await rows(database, "SELECT status FROM webhook_logs")} <= {"FOREIGN"}


async def test_a_refund_of_a_payment_that_should_be_ours_and_is_not_here_is_kept_in_sight(
    api: MainBackend,
    office: BackOffice,
    database: Database,
    services: Services,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment = await another_systems_payment(
        services, {"billing_payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"}
    )
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    await office.call("PUT", "/faults", [])

    await office.refund(payment)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await work_off(services)

    logged = await rows(database, "SELECT event_type, status, payment_id FROM webhook_logs")
    assert logged == [
        {
            "event_type": "refund.succeeded",
            "status": "UNMATCHED",
            "payment_id": payment["yookassa_payment_id"],
        }
    ]
    assert "unmatched_object" in capsys.readouterr().out
    assert api is not None


async def test_no_day_is_mislaid(database: Database, paid: dict[str, Any]) -> None:
    assert paid["payment_id"]
    assert await rows(database, MISLAID) == []


@pytest.mark.parametrize(("said", "alarms"), [("299.00", 1), ("100.00", 0), ("99.00", 0)])
async def test_a_sum_above_the_refunds_that_are_listed_is_told_once_and_one_below_is_only_older(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    said: str,
    alarms: int,
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await office.refund(payment, "100.00")
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    told = seen.model_copy(update={"refunded_amount": Amount(value=said, currency="RUB")})

    with capture_logs() as lines:
        for _ in range(2):
            async with services.statements.transaction() as tx:
                await settle(tx, services.settings, UUID(payment["payment_id"]), told)

    told_of = [(line["ours"], line["reported"]) for line in lines if line.get("kind") == "refunds_missing"]
    assert told_of == [("100.00", f"{said} RUB")] * alarms
    assert await value(database, "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'") == 1
