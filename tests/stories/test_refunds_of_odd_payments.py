"""Money of what is no plain purchase goes back too: the test rouble, a surplus, a payment of before we were here."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.ledger import days_granted, rows, value
from tests.payments.test_live_test_payment import ADMIN, ROUTE, selling_live
from tests.stage import USER, BackOffice, MainBackend, WebApp, work_off
from tests.stories.silence import as_sent

BOUGHT_BEFORE = """
    WITH made AS (INSERT INTO subscriptions (user_id) VALUES ({user}) RETURNING user_id), paid AS (
        INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status,
            shop_id, is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, imported, paid_at)
        SELECT gen_random_uuid(), user_id, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', 'SUCCEEDED',
            '100500', true, '', '', '', '', '{object}', true, billing_now() FROM made
    )
    INSERT INTO subscription_periods (user_id, plan_code, cause, days, granted_at, span)
    SELECT user_id, 'PRO_MONTHLY', 'import', 40, billing_now() - interval '10 days',
        tstzrange(billing_now() - interval '10 days', billing_now() + interval '30 days') FROM made
"""

# The mark of the system that we took over from means nothing to us.
OF_BEFORE = json.dumps(json.loads(as_sent(UUID(int=1))) | {"metadata": {"order": "17"}}).encode()


@pytest.fixture
async def live(services: Services, office: BackOffice) -> Services:
    await office.call("PUT", "/shop", {"test": False})
    return selling_live(services)


@pytest.fixture
async def live_api(live: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(live.settings, live)
    async with MainBackend.calling(web) as backend:
        yield backend


async def test_the_test_rouble_goes_back_with_its_day_and_takes_nothing_of_what_was_bought(
    live_api: MainBackend, live: Services, office: BackOffice, database: Database
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE shop_in_force SET is_test = false")
    bought = await live_api.buy("PRO_MONTHLY", user=ADMIN)
    await office.pay(bought)
    rouble = (await live_api.post(ROUTE, {}, ADMIN)).json()
    await office.pay(rouble)
    await work_off(live)

    answer = await live_api.refund(rouble)

    assert (answer.status_code, answer.json()["status"], answer.json()["amount"]) == (
        201,
        "succeeded",
        "1.00",
    )
    left = await rows(
        database,
        "SELECT plan_code, upper(span) <= billing_now() AS gone FROM subscription_periods ORDER BY plan_code",
    )
    assert left == [
        {"plan_code": "PRO_MONTHLY", "gone": False},
        {"plan_code": "TEST_LIVE", "gone": True},
    ]
    assert (await live_api.me(ADMIN))["plan_code"] == "PRO_MONTHLY"
    assert await broken_rules(database) == {}


@pytest.mark.parametrize("which", ["the first", "the second"])
async def test_of_a_payment_that_was_paid_twice_each_goes_back_with_its_own_days(
    api: MainBackend, office: BackOffice, services: Services, database: Database, which: str
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)
    second = await services.yookassa.create_payment(
        as_sent(UUID(payment["payment_id"])), idempotence_key="a-day-later"
    )
    await office.pay({"yookassa_payment_id": second.id})
    await work_off(services)
    surplus = await value(database, "SELECT id FROM payments WHERE surplus_of IS NOT NULL")
    returned = payment if which == "the first" else {"payment_id": str(surplus)}

    answer = await api.refund(returned)

    assert (answer.status_code, answer.json()["status"]) == (201, "succeeded"), answer.text
    assert await days_granted(database, USER) == pytest.approx(30, abs=0.001)  # what was used is kept
    [cut] = await rows(
        database,
        "SELECT p.surplus_of IS NULL AS is_first FROM payments p JOIN subscription_periods s ON s.payment_id = p.id "
        "WHERE s.cut > interval '29 days'",
    )
    assert cut["is_first"] is (which == "the first")
    assert sorted((await office.refunded()).values()) == ["0.00", "299.00"]
    assert await broken_rules(database) == {}


@pytest.mark.parametrize(("amount", "days_left"), [(None, 0), ("100.00", 30)])
async def test_of_a_payment_of_before_we_were_here_at_most_its_own_unused_days_are_taken(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    amount: str | None,
    days_left: int,
) -> None:
    """It bought 30 days; of the 40 that were taken over, 10 are used, and those are never taken."""
    made = await services.yookassa.create_payment(OF_BEFORE, idempotence_key="before")
    await office.pay({"yookassa_payment_id": made.id})
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(BOUGHT_BEFORE.format(user=USER, object=made.id))

    await office.refund({"yookassa_payment_id": made.id}, amount)
    await work_off(services)

    left = await value(database, "SELECT upper(span) - billing_now() FROM subscription_periods")
    assert (left or timedelta(0)) <= timedelta(days=days_left)
    assert (left or timedelta(0)) > timedelta(days=days_left - 1)
    [refund] = await rows(database, "SELECT status, applied_at IS NOT NULL AS applied FROM refunds")
    assert refund == {"status": "SUCCEEDED", "applied": True}
    payer: dict[str, Any] = (await api.get("payments/")).json()["results"][0]
    assert payer["status"] == ("refunded" if amount is None else "succeeded")
    assert await broken_rules(database) == {}


async def test_two_parts_of_a_payment_of_before_take_together_no_more_than_it_bought(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """However much else lies in the period that was taken over."""
    made = await services.yookassa.create_payment(OF_BEFORE, idempotence_key="before")
    await office.pay({"yookassa_payment_id": made.id})
    taken_over = BOUGHT_BEFORE.replace("40,", "100,").replace("interval '30 days'", "interval '90 days'")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(taken_over.format(user=USER, object=made.id))
    payment = {"payment_id": str(await value(database, "SELECT id FROM payments"))}

    await api.refund(payment, "200.00", access="cut_prorata")
    await api.refund(payment)

    assert await value(database, "SELECT cut FROM subscription_periods") == timedelta(days=30)
    assert await broken_rules(database) == {}
