"""What a look writes down and counts, what it leaves alone, and that it comes to an end."""

import asyncio
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.observability.metrics import REGISTRY
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from billing_service.webhooks import service
from billing_service.webhooks.dispatch import LookAgain, close_settled, give_up_overdue, look
from billing_service.yookassa.errors import YookassaError
from tests.gates import behind_a_gate
from tests.ledger import days_granted, rows, value
from tests.payments.test_capture import a_held_payment, captures
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION
from tests.webhooks.test_dispatch import a_stray
from tests.webhooks.test_giving_up import BY_SUPPORT, a_given_up_one
from tests.webhooks.test_inbox import a_notification

ITS_ID = "SELECT id FROM webhook_logs"


def looks(outcome: str) -> float:
    return REGISTRY.get_sample_value("billing_looks_total", {"outcome": outcome}) or 0


def settled() -> float:
    return REGISTRY.get_sample_value("billing_notification_settled_seconds_count") or 0


async def gets(office: BackOffice) -> int:
    """How often the provider was asked about a payment."""
    requests = (await office.call("GET", "/requests?limit=1000"))["results"]
    return sum(one["operation"] == "get_payment" for one in requests)


async def with_a_copy_meanwhile(
    api: MainBackend, office: BackOffice, services: Services, database: Database, object_id: str
) -> None:
    """A look during which one more copy comes in."""
    async with behind_a_gate(services, office) as (slow, gate):
        looking = asyncio.create_task(look(slow, await value(database, ITS_ID)))
        await gate.reached.wait()
        await api.notify(a_notification(object_id))
        gate.opened.set()
        await asyncio.wait_for(looking, 10)


async def test_a_copy_that_comes_while_a_look_settles_makes_no_further_look(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.pay(payment)

    await with_a_copy_meanwhile(api, office, services, database, payment["yookassa_payment_id"])

    assert await gets(office) == 1
    assert await rows(database, "SELECT status, looks, jobs_ended, attempts FROM webhook_logs") == [
        {"status": "SUCCESS", "looks": 1, "jobs_ended": 1, "attempts": 2}
    ]


async def test_a_copy_that_comes_while_a_look_meets_a_lasting_contradiction_is_looked_at_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.misreport(payment, account_id="999999")
    await office.pay(payment)

    await with_a_copy_meanwhile(api, office, services, database, payment["yookassa_payment_id"])

    assert await gets(office) == 2
    assert await rows(database, "SELECT status, looks, jobs_ended FROM webhook_logs") == [
        {"status": "FAILED", "looks": 2, "jobs_ended": 1}
    ]


async def test_what_contradicts_a_payment_that_is_final_here_is_no_success(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})

    await office.claim(payment, "payment.canceled")
    await work_off(services)

    assert await rows(database, "SELECT status, error_message FROM webhook_logs ORDER BY id") == [
        {"status": "SUCCESS", "error_message": None},
        {"status": "FAILED", "error_message": "contradicts our row: amount"},
    ]


async def test_held_money_of_another_amount_is_not_taken_and_ends_the_job(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    held = await a_held_payment(api, office, services, database)
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "error_500"}])
    await api.notify(a_notification(held["yookassa_payment_id"]))
    with pytest.raises(YookassaError):
        await look(services, await value(database, ITS_ID))
    tried = len(await captures(office))
    await office.misreport(held, amount={"value": "1.00", "currency": "RUB"})

    await asyncio.wait_for(look(services, await value(database, ITS_ID)), 10)

    assert await value(database, "SELECT status FROM payments") == "WAITING_FOR_CAPTURE"
    assert len(await captures(office)) == tried
    assert await rows(database, "SELECT status, jobs_ended FROM webhook_logs") == [
        {"status": "FAILED", "jobs_ended": 1}
    ]


async def test_held_money_that_the_provider_does_not_let_us_take_is_looked_at_again_and_alarmed_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    held = await a_held_payment(api, office, services, database)
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "refusal"}])
    await api.notify(a_notification(held["yookassa_payment_id"]))
    with capture_logs() as lines:
        for _ in range(2):
            with pytest.raises(LookAgain):
                await asyncio.wait_for(look(services, await value(database, ITS_ID)), 10)

    assert [line["kind"] for line in lines if line["event"] == "alarm.raised"] == ["held_payment"]
    assert await rows(database, "SELECT status, jobs_ended FROM webhook_logs") == [
        {"status": "RECEIVED", "jobs_ended": 0}
    ]


async def test_a_strange_mark_is_alarmed_by_the_look_itself(
    api: MainBackend, services: Services, database: Database
) -> None:
    await api.notify(a_notification(await a_stray(services, "not-an-id-of-ours")))

    with capture_logs() as lines:
        await look(services, await value(database, ITS_ID))

    assert [line["kind"] for line in lines if line["event"] == "alarm.raised"] == ["unmatched_object"]


async def test_every_look_is_counted_by_what_it_made_of_the_row(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    before = {status: looks(status) for status in ("RECEIVED", "UNMATCHED", "SUCCESS", "GIVEN_UP")}
    await a_given_up_one(api, services, database, clock)
    await api.notify(a_notification(await a_stray(services, str(uuid4()))))
    with pytest.raises(LookAgain):
        await look(services, await value(database, "SELECT max(id) FROM webhook_logs"))
    await office.pay(await api.buy())
    await look(services, await value(database, "SELECT max(id) FROM webhook_logs"))

    added = {status: looks(status) - count for status, count in before.items()}
    assert added == {"RECEIVED": 1, "UNMATCHED": 1, "SUCCESS": 1, "GIVEN_UP": 1}


async def test_what_is_looked_at_again_after_it_was_settled_is_not_measured_again(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    before = settled()
    await office.pay(await api.buy())
    for _ in range(2):
        await look(services, await value(database, ITS_ID))

    assert settled() == before + 1


async def test_a_row_is_left_to_its_own_look_for_a_minute(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await api.buy()
    await office.claim(payment, "payment.succeeded")
    await work_off(services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    await clock.advance(seconds=31)
    await enqueue_due(services, PAYMENTS)
    await work_off(services)
    young = await close_settled(services)
    await clock.advance(seconds=31)

    assert (young, await close_settled(services)) == (0, 1)


async def test_what_is_closed_because_the_payment_was_settled_otherwise_says_nothing_of_its_troubles(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await api.buy()
    await office.claim(payment, "payment.succeeded")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE webhook_logs SET error_message = 'not found'")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    await clock.advance(minutes=2)
    await enqueue_due(services, PAYMENTS)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM pgqueuer WHERE entrypoint = 'webhook.look'")
    await work_off(services)

    await close_settled(services)

    assert await rows(database, "SELECT status, error_message FROM webhook_logs") == [
        {"status": "SUCCESS", "error_message": None}
    ]


async def test_a_late_copy_of_what_is_settled_changes_neither_when_it_was_settled_nor_what_is_kept(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    what = "SELECT processed_at, raw_payload, trace_id FROM webhook_logs"
    before = await rows(database, what)
    await clock.advance(hours=3)

    await api.notify(
        a_notification(payment["yookassa_payment_id"], amount={"value": "1.00", "currency": "EUR"})
    )

    assert await rows(database, what) == before
    assert before[0]["raw_payload"]["object"]["amount"] == {"value": "299.00", "currency": "RUB"}


async def test_the_address_of_the_last_copy_is_kept(api: MainBackend, database: Database) -> None:
    told = a_notification(str(uuid4()))
    await api.notify(told, peer="127.0.0.1")
    await api.notify(told, peer="127.0.0.2")

    assert await value(database, "SELECT client_ip FROM webhook_logs") == "127.0.0.2"


async def test_a_replay_of_what_is_settled_leaves_it_so_until_somebody_has_looked(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    before = await rows(database, "SELECT status, processed_at FROM webhook_logs")
    await clock.advance(days=2)

    await service.replay(services, await value(database, ITS_ID), BY_SUPPORT)

    assert await rows(database, "SELECT status, processed_at FROM webhook_logs") == before
    assert await give_up_overdue(services) == 0
    assert await days_granted(database, USER) == 30


async def test_a_row_of_an_event_that_this_release_does_not_use_stands_in_nobodys_way(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """A later release wrote it, before somebody went back to this one."""
    payment = await api.buy()
    await office.claim(payment, "payment.succeeded")
    await office.claim(payment, "payment.canceled")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE webhook_logs SET event_type = 'payment_method.active' WHERE event_type = 'payment.canceled'"
        )
        await connection.exec_driver_sql("DELETE FROM pgqueuer")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(payment)
    await clock.advance(minutes=2)
    await enqueue_due(services, PAYMENTS)
    await work_off(services)

    assert await close_settled(services) == 1
