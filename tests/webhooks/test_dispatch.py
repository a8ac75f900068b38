"""Looking: what happens while the provider, or our own database, has no answer yet."""

import asyncio
from uuid import uuid4

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from billing_service.webhooks.dispatch import LookAgain, close_settled, look
from billing_service.yookassa.errors import Unauthorized, YookassaError
from tests.gates import behind_a_gate
from tests.ledger import days_granted, everything, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import walk_to_the_end
from tests.webhooks.test_inbox import a_notification

A_THOUSAND_FORGERIES = """
    INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload)
    SELECT 'payment.succeeded:' || n || ':succeeded', 'payment.succeeded', n::text, '', '127.0.0.1', '{}'
    FROM generate_series(1, 1000) n
"""


async def test_while_the_provider_is_down_the_row_stays_open_and_the_next_look_settles(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    log_id = await value(database, "SELECT id FROM webhook_logs")
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500"}])
    with pytest.raises(YookassaError):
        await look(services, log_id)
    while_down = await value(database, "SELECT status FROM webhook_logs")

    await office.call("PUT", "/faults", [])
    await look(services, log_id)

    assert while_down == "RECEIVED"
    assert await value(database, "SELECT status FROM webhook_logs") == "SUCCESS"
    assert await days_granted(database, USER) == 30


async def test_a_payment_the_provider_does_not_know_grants_nothing_and_is_asked_about_again(
    api: MainBackend, services: Services, database: Database
) -> None:
    await api.notify(a_notification(str(uuid4())))
    log_id = await value(database, "SELECT id FROM webhook_logs")

    with pytest.raises(LookAgain):
        await look(services, log_id)

    assert await rows(database, "SELECT status, error_message FROM webhook_logs") == [
        {"status": "RECEIVED", "error_message": "the provider does not know this payment"}
    ]


async def test_an_object_that_names_a_payment_we_do_not_have_is_alarmed_and_looked_at_again(
    api: MainBackend,  # noqa: ARG001 (listens for the notification)
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stray = await services.yookassa.create_payment(
        b'{"amount":{"value":"299.00","currency":"RUB"},"capture":true,'
        b'"confirmation":{"type":"redirect","return_url":"https://shop.example/"},'
        b'"metadata":{"billing_payment_id":"11111111-2222-4333-8444-555555555555"}}',
        idempotence_key="stray",
    )
    await office.pay({"yookassa_payment_id": stray.id})
    log_id = await value(database, "SELECT id FROM webhook_logs")

    with pytest.raises(LookAgain):
        await look(services, log_id)

    assert await value(database, "SELECT status FROM webhook_logs") == "UNMATCHED"
    assert "unmatched_object" in capsys.readouterr().out


async def a_stray(services: Services, mark: str) -> str:
    """A payment that somebody else made in our shop, under our mark; its id."""
    stray = await services.yookassa.create_payment(
        b'{"amount":{"value":"299.00","currency":"RUB"},"capture":true,'
        b'"confirmation":{"type":"redirect","return_url":"https://shop.example/"},'
        b'"metadata":{"billing_payment_id":"%s"}}' % mark.encode(),
        idempotence_key=str(uuid4()),
    )
    return stray.id


async def test_an_object_with_a_mark_that_can_be_no_payment_of_ours_is_foreign_and_alarmed_once(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stray = await a_stray(services, "order 4276380012345678")
    await office.pay({"yookassa_payment_id": stray})
    await work_off(services)
    await api.notify(a_notification(stray))
    await work_off(services)
    await walk_to_the_end(services)

    printed = capsys.readouterr().out
    assert await rows(database, "SELECT status, looks FROM webhook_logs") == [
        {"status": "FOREIGN", "looks": 2}
    ]
    assert printed.count("unmatched_object") == 1
    assert "4276380012345678" not in printed + await everything(database)
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0


async def test_an_unmatched_object_is_alarmed_once_and_again_when_it_is_paid(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stray = await a_stray(services, str(uuid4()))
    await api.notify(a_notification(stray))
    log_id = await value(database, "SELECT min(id) FROM webhook_logs")
    for _ in range(3):
        with pytest.raises(LookAgain):
            await look(services, log_id)
        await walk_to_the_end(services)
    while_pending = capsys.readouterr().out.count("unmatched_object")

    await office.pay({"yookassa_payment_id": stray})
    for _ in range(3):
        with pytest.raises(LookAgain):
            await look(services, log_id)
        await walk_to_the_end(services)

    assert (while_pending, capsys.readouterr().out.count("unmatched_object")) == (1, 1)
    assert await value(database, "SELECT status FROM webhook_logs") == "UNMATCHED"


async def test_a_copy_that_comes_while_a_look_meets_a_contradiction_is_looked_at(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.misreport(payment, account_id="999999")
    await office.pay(payment)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE pgqueuer SET status = 'picked'")
    async with behind_a_gate(services, office) as (slow, gate):
        looking = asyncio.create_task(look(slow, await value(database, "SELECT id FROM webhook_logs")))
        await gate.reached.wait()

        await office.misreport(payment, account_id="100500")
        await api.notify(a_notification(payment["yookassa_payment_id"]))
        gate.opened.set()
        await looking

    assert await days_granted(database, USER) == 30
    assert await rows(database, "SELECT status, looks, jobs_ended FROM webhook_logs") == [
        {"status": "SUCCESS", "looks": 2, "jobs_ended": 1}
    ]


async def test_an_object_that_another_payment_of_ours_holds_grants_nothing_and_raises_an_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    marked = await api.buy("PRO_MONTHLY", 1)
    holder = await api.buy("PRO_MONTHLY", 2)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET yookassa_payment_id = NULL")
        await connection.exec_driver_sql(
            "UPDATE payments SET yookassa_payment_id = $1 WHERE id = $2",
            (marked["yookassa_payment_id"], holder["payment_id"]),
        )
    await office.pay(marked)

    await look(services, await value(database, "SELECT id FROM webhook_logs"))

    assert await value(database, "SELECT count(*) FROM subscription_periods") == 0
    assert await value(database, "SELECT status FROM webhook_logs") == "FAILED"
    assert "second_provider_object" in capsys.readouterr().out


async def test_a_key_the_provider_refuses_raises_an_alarm_and_the_job_comes_again(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.pay(await api.buy("PRO_MONTHLY"))
    async with behind_a_gate(services, office, secret_key="test_rotated") as (refused, gate):
        gate.opened.set()

        with pytest.raises(Unauthorized):
            await look(refused, await value(database, "SELECT id FROM webhook_logs"))

    assert "provider_refuses_our_key" in capsys.readouterr().out
    assert await value(database, "SELECT status FROM webhook_logs") == "RECEIVED"


async def test_looking_twice_settles_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    log_id = await value(database, "SELECT id FROM webhook_logs")

    await look(services, log_id)
    await look(services, log_id)

    assert await days_granted(database, USER) == 30


async def test_a_row_that_is_gone_ends_the_job(services: Services, database: Database) -> None:
    await look(services, 4711)

    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_a_notification_that_overtakes_the_creations_answer_is_matched_by_our_mark(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
    created = (await office.payments())[0]

    await office.pay({"yookassa_payment_id": created["id"]})
    await work_off(services)

    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT yookassa_payment_id FROM payments") == created["id"]


async def test_a_row_whose_look_came_too_early_is_closed_once_the_payment_was_settled_otherwise(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.claim(payment, "payment.succeeded")
    await work_off(services)
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await clock.advance(minutes=2)
    while_open = await close_settled(services)
    await office.pay(payment)
    await enqueue_due(services, PAYMENTS)
    await work_off(services)
    before = await rows(database, "SELECT status FROM webhook_logs")

    closed = await close_settled(services), await close_settled(services)

    assert (while_open, before, closed) == (0, [{"status": "RECEIVED"}], (1, 0))
    assert await rows(database, "SELECT status, processed_at IS NULL AS open FROM webhook_logs") == [
        {"status": "SUCCESS", "open": False}
    ]


async def test_any_number_of_rows_that_stay_open_do_not_stand_in_the_way_of_others(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(A_THOUSAND_FORGERIES)
    payment = await api.buy("PRO_MONTHLY")
    await office.claim(payment, "payment.succeeded")
    await work_off(services)
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await clock.advance(minutes=2)
    await office.pay(payment)
    await enqueue_due(services, PAYMENTS)
    await work_off(services)

    assert await close_settled(services) == 1


async def test_a_row_about_a_payment_nobody_has_is_never_closed_by_itself(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    await api.notify(a_notification(str(uuid4())))
    await clock.advance(days=2)

    assert await close_settled(services) == 0
    assert await value(database, "SELECT status FROM webhook_logs") == "RECEIVED"
