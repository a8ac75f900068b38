"""The walk through YooKassa's lists: every object there is compared with ours, and two objects are two payments."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.models import Payment
from billing_service.payments.settlement import settle
from billing_service.provider_calls.kinds import Settlement
from billing_service.provider_calls.walking import SPARSE, walk, walk_to_now
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION, MONTH, as_sent, walk_to_the_end

FOREIGN = (
    b'{"amount":{"value":"1.00","currency":"RUB"},"capture":true,'
    b'"confirmation":{"type":"redirect","return_url":"https://a.b"}}'
)


async def test_the_walk_finds_a_payment_whose_notification_was_lost_and_that_nobody_asks_about(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET next_ask_at = NULL")

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30


async def test_the_walk_compares_what_is_final_here_too(
    api: MainBackend, office: BackOffice, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})

    await walk_to_the_end(services)

    assert "reported_object_mismatch" in capsys.readouterr().out


async def test_what_every_walk_finds_contradicting_is_alarmed_once_and_again_when_it_changes(
    api: MainBackend, office: BackOffice, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)
    told = []
    for amount in ("1.00", "1.00", "2.00", "2.00"):
        await office.misreport(payment, amount={"value": amount, "currency": "RUB"})
        await walk_to_the_end(services)
        told.append(capsys.readouterr().out.count("reported_object_mismatch"))

    assert told == [1, 0, 1, 0]


async def test_the_mark_moves_only_after_the_last_page(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", [{"operation": "list_payments", "fault": "error_500"}])
    with pytest.raises(Exception, match="500"):
        await walk(services, PAYMENTS)
    interrupted = await value(database, "SELECT billing_now() - compared_until FROM list_walks")

    await office.call("PUT", "/faults", [])
    await walk_to_the_end(services)

    assert interrupted >= timedelta(days=1)
    assert await value(database, "SELECT billing_now() - compared_until FROM list_walks") < timedelta(
        minutes=1
    )


async def test_the_walk_reads_every_page(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    oldest = await api.buy("PRO_MONTHLY")
    await office.pay(oldest)
    for number in range(120):
        await services.yookassa.create_payment(FOREIGN, idempotence_key=f"foreign-{number}")

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30


async def test_a_second_object_paid_for_one_payment_is_kept_as_surplus_and_granted_with_an_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)
    second = await services.yookassa.create_payment(
        as_sent(UUID(payment["payment_id"])), idempotence_key="a-day-later"
    )

    await office.pay({"yookassa_payment_id": second.id})
    await work_off(services)
    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 60
    assert await value(database, "SELECT count(*) FROM payments WHERE surplus_of IS NOT NULL") == 1
    assert "second_provider_object" in capsys.readouterr().out


async def test_many_who_bring_one_second_object_settle_it_once_and_contradict_nothing(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment_id = UUID((await api.buy("PRO_MONTHLY"))["payment_id"])
    await office.pay(
        {"yookassa_payment_id": await value(database, "SELECT yookassa_payment_id FROM payments")}
    )
    await work_off(services)
    second = await services.yookassa.create_payment(as_sent(payment_id), idempotence_key="a-day-later")
    await office.pay({"yookassa_payment_id": second.id})
    seen = await services.yookassa.get_payment(second.id)

    async def settle_it() -> Settlement[Payment]:
        async with services.statements.transaction() as tx:
            return await settle(tx, services.settings, payment_id, seen)

    settled = await asyncio.gather(*(settle_it() for _ in range(5)))

    assert sum(one.changed for one in settled) == 1
    assert {one.refused_because for one in settled} == {()}
    assert await days_granted(database, USER) == 60
    assert "reported_object_mismatch" not in capsys.readouterr().out


async def test_the_walk_resolves_a_creation_in_doubt_that_it_meets(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH)

    await walk_to_the_end(services)

    assert await rows(
        database, "SELECT status, outcome_unknown, yookassa_payment_id IS NULL AS unknown FROM payments"
    ) == [{"status": "PENDING", "outcome_unknown": False, "unknown": False}]


async def test_a_clock_that_was_ahead_for_a_while_hides_no_payment_from_the_walk(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await clock.advance(days=2)
    await walk_to_the_end(services)
    await clock.advance(days=-2)
    await office.pay(await api.buy("PRO_MONTHLY"))

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT compared_until <= billing_now() FROM list_walks")


async def test_each_shop_has_a_mark_of_its_own(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await walk_to_the_end(services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy("PRO_MONTHLY"))
    await clock.advance(days=2)
    elsewhere = services.settings.model_copy(update={"yookassa_shop_id_test": "777777"})
    await walk_to_the_end(replace(services, settings=elsewhere))
    before = await days_granted(database, USER)

    await walk_to_the_end(services)

    assert (before, await days_granted(database, USER)) == (0, 30)


async def test_a_month_in_which_nothing_happened_is_walked_in_a_few_steps(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    await walk_to_the_end(services)
    before = await windows(office)
    await clock.advance(days=30)

    await walk_to_now(services, PAYMENTS, asyncio.Event())

    assert len(await windows(office) - before) < 12


async def test_hours_with_much_in_them_are_walked_in_small_steps(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    await walk_to_the_end(services)
    before = await windows(office)
    for number in range(SPARSE):
        await services.yookassa.create_payment(FOREIGN, idempotence_key=f"foreign-{number}")
    await clock.advance(hours=5)

    await walk_to_now(services, PAYMENTS, asyncio.Event())

    assert len(await windows(office) - before) == 3


async def windows(office: BackOffice) -> set[str]:
    """The ends of the spans of time whose payments were asked for."""
    requests = (await office.call("GET", "/requests?limit=1000"))["results"]
    return {one["query"]["created_at.lte"] for one in requests if one["operation"] == "list_payments"}
