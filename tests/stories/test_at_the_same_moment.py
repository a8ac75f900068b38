"""Races: whatever happens at once, one wish to buy is one payment and one payment is one period."""

import asyncio
from dataclasses import replace

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from tests.ledger import days_granted, rows, spans_lie_end_to_end, value
from tests.stage import USER, BackOffice, MainBackend, work_off
from tests.usage.locking import HeldUp


async def test_fifty_copies_of_a_notification_grant_one_period(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    told = (await office.call("GET", "/notifications"))["results"][0]["body"]

    answers = await asyncio.gather(*(api.notify(told) for _ in range(50)))
    await asyncio.gather(work_off(services), work_off(services))

    assert {answer.status_code for answer in answers} == {200}
    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 1


async def test_fifteen_creations_with_one_key_are_one_payment(api: MainBackend, office: BackOffice) -> None:
    created = await asyncio.gather(*(api.buy("PRO_MONTHLY", Idempotency_Key="one-wish") for _ in range(15)))

    assert len({one["payment_id"] for one in created}) == 1
    assert len(await office.payments()) == 1
    assert len(await office.creations()) == 1


async def test_a_double_click_without_a_key_is_one_payment(api: MainBackend, office: BackOffice) -> None:
    first, second = await asyncio.gather(api.buy("PRO_MONTHLY"), api.buy("PRO_MONTHLY"))

    assert first == second
    assert len(await office.payments()) == 1
    assert len(await office.creations()) == 1


async def test_two_clicks_of_a_known_user_that_two_processes_serve_are_one_payment(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings
) -> None:
    """Within one process they wait in a line; between two it is the lock of the user's row that they wait for."""
    await office.decline(await api.buy("PRO_MONTHLY"), "insufficient_funds")
    await work_off(services)
    other = replace(services, statements=StatementPool(settings.database_url, pool_size=1))

    async with (
        MainBackend.calling(create_app(other.settings, other)) as beside,
        HeldUp.at(settings, "SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE", USER) as held_up,
    ):
        both = asyncio.gather(api.buy("PRO_MONTHLY"), beside.buy("PRO_MONTHLY"))
        await held_up.until(waiting=2)
    first, second = await both
    await other.statements.close()

    assert first["payment_id"] == second["payment_id"]
    assert len(await office.creations()) == 2


async def test_two_payments_settled_at_one_instant_lose_no_day(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    for user in range(2001, 2009):
        month = await api.buy("PRO_MONTHLY", user)
        year = await api.buy("PRO_YEARLY", user)
        await asyncio.gather(office.pay(month), office.pay(year))

    await asyncio.gather(work_off(services), work_off(services), work_off(services))

    assert [await days_granted(database, user) for user in range(2001, 2009)] == [395] * 8
    assert await spans_lie_end_to_end(database)


async def test_two_open_checkouts_that_are_both_paid_both_grant_with_an_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = await api.buy("PRO_MONTHLY", Idempotency_Key="first-tab")
    second = await api.buy("PRO_MONTHLY", Idempotency_Key="second-tab")

    await office.pay(first)
    await office.pay(second)
    await work_off(services)

    assert await days_granted(database, USER) == 60
    assert capsys.readouterr().out.count("double_purchase") == 1


async def test_a_second_purchase_after_the_first_was_paid_raises_no_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(2):
        await office.pay(await api.buy("PRO_MONTHLY"))
        await work_off(services)

    assert await days_granted(database, USER) == 60
    assert "double_purchase" not in capsys.readouterr().out


async def test_the_answer_and_the_notification_of_one_payment_may_settle_it_together(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payments = [await api.buy("PRO_MONTHLY", user) for user in range(3001, 3011)]
    for payment in payments:
        await office.pay(payment)

    await asyncio.gather(*(work_off(services) for _ in range(4)))

    periods = await rows(database, "SELECT user_id, count(*) AS n FROM subscription_periods GROUP BY user_id")
    assert sorted((one["user_id"], one["n"]) for one in periods) == [(user, 1) for user in range(3001, 3011)]
