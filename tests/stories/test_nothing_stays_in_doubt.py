"""Lost notifications, lost answers, silence for a day: every payment gets its outcome, and money equals days."""

from dataclasses import replace

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, api_with_a_rotated_key, work_off
from tests.stories.silence import (
    LOSE_EVERY_ANSWER,
    LOSE_EVERY_NOTIFICATION,
    MONTH,
    as_sent,
    pass_time,
    states,
)

NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]


async def test_without_any_notification_a_payment_settles_within_a_minute(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)

    await pass_time(clock, office, services, seconds=31)

    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def test_a_payer_who_takes_half_an_hour_is_pro_a_minute_later_without_any_notification(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment = await api.buy("PRO_MONTHLY")
    await pass_time(clock, office, services, minutes=30)
    await office.pay(payment)

    await pass_time(clock, office, services, seconds=61)

    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def test_a_link_that_nobody_paid_ends_as_canceled(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment = await api.buy("PRO_MONTHLY")

    await pass_time(clock, office, services, minutes=61)

    shown = await api.payment(payment["payment_id"])
    assert (shown["status"], shown["cancellation"]["reason"]) == ("canceled", "expired_on_confirmation")


async def test_a_question_is_asked_once_however_many_workers_look_for_it(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await api.buy("PRO_MONTHLY")
    await clock.advance(seconds=31)

    enqueued = [await enqueue_due(services, PAYMENTS) for _ in range(3)]
    await work_off(services)

    asked = [
        one for one in (await office.call("GET", "/requests"))["results"] if one["operation"] == "get_payment"
    ]
    assert enqueued == [1, 0, 0]
    assert len(asked) == 1


async def test_a_creation_whose_answer_was_lost_is_found_by_posting_it_again(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER)
    assert (await api.post("create-payment/", MONTH)).status_code == 503
    await office.call("PUT", "/faults", [])

    await pass_time(clock, office, services, seconds=46)

    assert await value(
        database, "SELECT yookassa_payment_id IS NOT NULL AND NOT outcome_unknown FROM payments"
    )
    assert len(await office.payments()) == 1
    assert len({str(one["body"]) for one in await office.creations()}) == 1


async def test_after_twenty_hours_the_lists_find_a_payment_that_was_charged(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH)
    await office.pay({"yookassa_payment_id": (await office.payments())[0]["id"]})
    posted = len(await office.creations())

    await pass_time(clock, office, services, hours=20, minutes=1)

    assert await states(database) == ["SUCCEEDED"]
    assert await days_granted(database, USER) == 30
    assert len(await office.creations()) == posted


async def test_a_creation_that_never_arrived_fails_after_two_passes_an_hour_apart(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)
    await pass_time(clock, office, services, hours=22)
    after_one_pass = await states(database)
    await pass_time(clock, office, services, minutes=59)
    too_early = await states(database)

    await pass_time(clock, office, services, minutes=2)

    assert (after_one_pass, too_early) == (["PENDING"], ["PENDING"])
    assert await rows(database, "SELECT status, provider_error_code, request_body FROM payments") == [
        {"status": "FAILED", "provider_error_code": "never_created", "request_body": None}
    ]


async def test_lists_that_cannot_be_read_decide_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", [{"operation": "list_payments", "fault": "error_500"}])

    for _ in range(4):
        await pass_time(clock, office, services, hours=22)

    assert await rows(database, "SELECT status, absent_since FROM payments") == [
        {"status": "PENDING", "absent_since": None}
    ]


async def test_a_rotated_key_decides_nothing_about_a_payment_in_doubt(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER)
    await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])
    async with api_with_a_rotated_key(services, office) as refused:
        again = await refused.post("create-payment/", MONTH, Idempotency_Key="k1")

    await pass_time(clock, office, services, minutes=2)

    assert again.status_code == 503
    assert "provider_refuses_our_key" in capsys.readouterr().out
    assert await value(database, "SELECT yookassa_payment_id IS NOT NULL FROM payments")
    assert len(await office.payments()) == 1


async def test_a_success_after_we_gave_up_is_honoured_with_an_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)
    for _ in range(3):
        await pass_time(clock, office, services, hours=22)
    given_up = await states(database)
    await office.call("PUT", "/faults", [])
    payment_id = await value(database, "SELECT id FROM payments")
    late = await services.yookassa.create_payment(as_sent(payment_id), idempotence_key="from-nowhere")

    await office.pay({"yookassa_payment_id": late.id})
    await work_off(services)

    assert given_up == ["FAILED"]
    assert await states(database) == ["SUCCEEDED"]
    assert await days_granted(database, USER) == 30
    assert "late_success" in capsys.readouterr().out


async def test_a_payment_the_provider_has_lost_is_alarmed_after_a_day_and_never_granted(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await api.buy("PRO_MONTHLY")
    await office.call("POST", "/reset")
    await pass_time(clock, office, services, hours=23)
    within_a_day = capsys.readouterr().out

    await pass_time(clock, office, services, hours=2)

    assert "provider_lost_payment" not in within_a_day
    assert "provider_lost_payment" in capsys.readouterr().out
    assert await states(database) == ["PENDING"]


async def test_a_payment_of_another_shop_is_never_asked_about(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    await api.buy("PRO_MONTHLY")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET shop_id = '777777'")
    await clock.advance(days=2)

    assert await enqueue_due(services, PAYMENTS) == 0


async def test_a_question_that_waited_while_the_shop_was_changed_is_not_asked_in_the_other_one(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await api.buy("PRO_MONTHLY")
    await clock.advance(seconds=31)
    await enqueue_due(services, PAYMENTS)
    before = (await office.call("GET", "/requests"))["results"]
    settings = services.settings.model_copy(update={"yookassa_shop_id_test": "777777"})

    await work_off(replace(services, settings=settings))

    assert (await office.call("GET", "/requests"))["results"] == before
    assert await states(database) == ["PENDING"]
