"""A notification that never closes: put aside after a day, seen by operators, and closed or replayed by a person."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from billing_service.audit.service import Deed
from billing_service.kit.db import Database
from billing_service.operations.overdue import find_overdue
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from billing_service.webhooks import service
from billing_service.webhooks.dispatch import LookAgain, close_settled, give_up_overdue, look
from billing_service.yookassa.errors import YookassaError
from tests.gates import behind_a_gate
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.webhooks.test_inbox import a_notification

STATUS = "SELECT status FROM webhook_logs"
BY_SUPPORT = Deed("cli", "support", "looked in the cabinet", "request-1")


async def its_job_is_over(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM pgqueuer")


async def a_forgery(api: MainBackend, services: Services, database: Database) -> int:
    """A notification about a payment that the provider does not know, looked at once; its id."""
    await api.notify(a_notification(str(uuid4())))
    log_id: int = await value(database, "SELECT max(id) FROM webhook_logs")
    with pytest.raises(LookAgain):
        await look(services, log_id)
    return log_id


async def a_given_up_one(api: MainBackend, services: Services, database: Database, clock: Clock) -> int:
    log_id = await a_forgery(api, services, database)
    await its_job_is_over(database)
    await clock.advance(hours=25)
    assert await give_up_overdue(services) == 1
    return log_id


async def figure(api: MainBackend, name: str) -> list[str]:
    shown = (await api.http.get("/metrics")).text
    return [line for line in shown.splitlines() if line.startswith(name)]


async def test_a_day_old_row_that_no_job_looks_at_any_more_is_put_aside_once(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    log_id = await a_forgery(api, services, database)
    await clock.advance(hours=25)
    while_it_is_tried = await give_up_overdue(services), await value(database, STATUS)
    await its_job_is_over(database)

    with capture_logs() as lines:
        given_up = await give_up_overdue(services), await give_up_overdue(services)

    assert while_it_is_tried == (0, "RECEIVED")
    assert given_up == (1, 0)
    assert await value(database, STATUS) == "GIVEN_UP"
    (line,) = [line for line in lines if line["event"] == "webhook.given_up"]
    assert (line["log_id"], line["because"]) == (log_id, "the provider does not know this payment")


async def test_a_row_is_not_put_aside_before_a_day_is_over(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    await a_forgery(api, services, database)
    await its_job_is_over(database)
    await clock.advance(hours=23)

    assert await give_up_overdue(services) == 0


async def test_an_unmatched_row_is_put_aside_and_a_settled_one_never(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    await a_forgery(api, services, database)
    await its_job_is_over(database)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE webhook_logs SET status = 'UNMATCHED' WHERE status = 'RECEIVED'"
        )
    await clock.advance(days=2)

    await give_up_overdue(services)

    assert await rows(database, "SELECT status FROM webhook_logs ORDER BY id") == [
        {"status": "SUCCESS"},
        {"status": "GIVEN_UP"},
    ]


async def test_a_given_up_row_hides_no_younger_one_and_is_counted_until_somebody_decides(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    given_up = await a_given_up_one(api, services, database, clock)
    await a_forgery(api, services, database)
    await clock.advance(minutes=20)
    oldest = float((await figure(api, "billing_oldest_open_notification_seconds"))[0].split()[1])
    counted = await figure(api, "billing_unsettled_notifications{")

    await service.close(services, given_up, BY_SUPPORT)

    assert 1200 <= oldest < 1260
    assert sorted(counted) == [
        'billing_unsettled_notifications{age="10m-1h",status="RECEIVED"} 1.0',
        'billing_unsettled_notifications{age="1d+",status="GIVEN_UP"} 1.0',
    ]
    assert len(await figure(api, "billing_unsettled_notifications{")) == 1


async def test_the_doctor_names_what_was_given_up_until_somebody_decides(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    async def trouble() -> str | None:
        async with services.db.begin() as session:
            found = await find_overdue(session, services.settings.shop_id)
        return found["no notification was given up"]

    before = await trouble()
    log_id = await a_given_up_one(api, services, database, clock)
    while_given_up = await trouble()
    await service.close(services, log_id, BY_SUPPORT)

    assert (before, await trouble()) == (None, None)
    assert while_given_up is not None
    assert while_given_up.startswith("1 led to nothing")


async def test_a_given_up_row_is_closed_once_the_payment_is_settled_otherwise(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await api.buy()
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500"}])
    await office.pay(payment)
    with pytest.raises(YookassaError):
        await look(services, await value(database, "SELECT id FROM webhook_logs"))
    await its_job_is_over(database)
    await clock.advance(hours=25)
    await give_up_overdue(services)
    await office.call("PUT", "/faults", [])
    await enqueue_due(services, PAYMENTS)
    await work_off(services)

    assert await close_settled(services) == 1
    assert await value(database, STATUS) == "SUCCESS"
    assert await days_granted(database, USER) == 30


@pytest.mark.parametrize("close_it", [False, True])
async def test_a_later_copy_opens_again_what_was_put_aside_or_closed(
    api: MainBackend, services: Services, database: Database, clock: Clock, close_it: bool
) -> None:
    log_id = await a_given_up_one(api, services, database, clock)
    if close_it:
        await service.close(services, log_id, BY_SUPPORT)

    await api.notify(a_notification(await value(database, "SELECT payment_id FROM webhook_logs")))

    assert await rows(database, "SELECT status, processed_at, attempts FROM webhook_logs") == [
        {"status": "RECEIVED", "processed_at": None, "attempts": 2}
    ]
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE status = 'queued'") == 1
    assert await give_up_overdue(services) == 0


async def test_a_replay_of_a_given_up_row_settles_what_the_provider_knows_by_now(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await api.buy()
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500"}])
    await office.pay(payment)
    await its_job_is_over(database)
    await clock.advance(hours=25)
    await give_up_overdue(services)
    await office.call("PUT", "/faults", [])
    log_id = await value(database, "SELECT id FROM webhook_logs")

    for _ in range(2):
        await service.replay(services, log_id, BY_SUPPORT)
    waiting = await value(database, "SELECT count(*) FROM pgqueuer")
    await work_off(services)

    assert waiting == 1
    assert await value(database, STATUS) == "SUCCESS"
    assert await days_granted(database, USER) == 30
    entries = await rows(
        database, "SELECT action, caller, author, reason, details FROM audit_log ORDER BY id"
    )
    assert [entry["action"] for entry in entries] == ["webhook.replayed"] * 2
    assert entries[0]["details"] == {
        "log_id": log_id,
        "yookassa_payment_id": payment["yookassa_payment_id"],
        "status_before": "GIVEN_UP",
    }
    assert (entries[0]["caller"], entries[0]["author"]) == ("cli", "support")


async def test_a_replay_of_a_settled_row_changes_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    before = await rows(database, "SELECT status, processed_at FROM webhook_logs")

    await service.replay(services, await value(database, "SELECT id FROM webhook_logs"), BY_SUPPORT)
    await work_off(services)

    after = await rows(database, "SELECT status, processed_at FROM webhook_logs")
    assert [row["status"] for row in before + after] == ["SUCCESS", "SUCCESS"]
    assert await days_granted(database, USER) == 30


async def test_nobody_looks_at_what_a_person_has_closed(
    api: MainBackend, services: Services, database: Database
) -> None:
    log_id = await a_forgery(api, services, database)

    await service.close(services, log_id, BY_SUPPORT)
    await work_off(services)

    assert await rows(
        database, "SELECT status, looks, processed_at IS NOT NULL AS closed FROM webhook_logs"
    ) == [{"status": "CLOSED", "looks": 1, "closed": True}]
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0
    assert await value(database, "SELECT details->>'status_before' FROM audit_log") == "RECEIVED"


async def test_what_has_led_to_something_cannot_be_closed_nor_what_is_not_there(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)

    with pytest.raises(service.NothingToClose, match="SUCCESS"):
        await service.close(services, await value(database, "SELECT id FROM webhook_logs"), BY_SUPPORT)
    with pytest.raises(service.NotThere):
        await service.close(services, 4711, BY_SUPPORT)
    with pytest.raises(service.NotThere):
        await service.replay(services, 4711, BY_SUPPORT)

    assert await value(database, "SELECT count(*) FROM audit_log") == 0
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_look_that_finds_nothing_leaves_closed_what_a_person_closed_meanwhile(
    api: MainBackend, office: BackOffice, services: Services, database: Database, is_known: bool
) -> None:
    pending = await api.buy()
    await api.notify(a_notification(pending["yookassa_payment_id"] if is_known else str(uuid4())))
    log_id = await value(database, "SELECT id FROM webhook_logs")
    async with behind_a_gate(services, office) as (slow, gate):
        looking = asyncio.create_task(look(slow, log_id))
        await gate.reached.wait()
        await service.close(services, log_id, BY_SUPPORT)
        gate.opened.set()
        with suppress(LookAgain):
            await looking

    assert await rows(database, "SELECT status, processed_at IS NOT NULL AS closed FROM webhook_logs") == [
        {"status": "CLOSED", "closed": True}
    ]


async def test_what_a_look_does_find_counts_although_a_person_closed_the_row_meanwhile(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    log_id = await value(database, "SELECT id FROM webhook_logs")
    async with behind_a_gate(services, office) as (slow, gate):
        looking = asyncio.create_task(look(slow, log_id))
        await gate.reached.wait()
        await service.close(services, log_id, BY_SUPPORT)
        gate.opened.set()
        await looking

    assert await value(database, STATUS) == "SUCCESS"
    assert await days_granted(database, USER) == 30
