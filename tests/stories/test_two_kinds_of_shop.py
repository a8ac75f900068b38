"""Days paid with a test card count where nothing real is sold, and never where it is; nor do they delay paid ones."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import pytest
from alembic import command

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from billing_service.schema.migrate import alembic_config
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from tests.bad_days.invariants import broken_rules
from tests.ledger import days_granted, rows, value
from tests.payments.test_live_test_payment import ADMIN, ROUTE, selling_live
from tests.scratch import scratch_database
from tests.stage import USER, BackOffice, MainBackend, WebApp, work_off

SPANS = "SELECT plan_code, chain, lower(span) AS begins, upper(span) AS ends FROM subscription_periods ORDER BY id"
OLD_PERIOD = """
BEGIN;
INSERT INTO subscriptions (user_id) VALUES (1);
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id, is_test,
    caller, route, request_fingerprint, return_url)
VALUES ('00000000-0000-4000-8000-000000000001', 1, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', '1',
    {is_test}, '', '', '', '');
INSERT INTO subscription_periods (user_id, plan_code, cause, payment_id, days, granted_at, span)
VALUES (1, 'PRO_MONTHLY', 'payment', '00000000-0000-4000-8000-000000000001', 30, now(),
    tstzrange(now(), now() + interval '720 hours'));
UPDATE payments SET status = 'SUCCEEDED', period_id = (SELECT id FROM subscription_periods);
COMMIT;
"""


@dataclass
class Service:
    """The service in one of its shops."""

    services: Services
    backend: MainBackend
    office: BackOffice

    async def sell(self, plan: str = "PRO_MONTHLY", user: int = USER) -> None:
        await self.office.pay(await self.backend.buy(plan, user))
        await work_off(self.services)

    async def try_the_shop(self) -> None:
        await self.office.pay((await self.backend.post(ROUTE, {}, ADMIN)).json())
        await work_off(self.services)

    async def goes_live(self) -> "Service":
        """Another process, with the live shop, after this one."""
        live = selling_live(self.services)
        await refuse_unfit(live.db, live.settings)
        await self.office.call("PUT", "/shop", {"test": False})
        assert isinstance(self.backend.transport_to, WebApp)
        self.backend.transport_to.app = create_app(live.settings, live)
        return Service(live, self.backend, self.office)


@pytest.fixture
async def test_shop(services: Services, web: WebApp, office: BackOffice) -> AsyncIterator[Service]:
    web.app = create_app(services.settings, services)
    async with MainBackend.calling(web) as backend:
        yield Service(services, backend, office)


async def test_days_paid_with_a_test_card_end_where_the_live_shop_begins(test_shop: Service) -> None:
    await test_shop.sell()
    assert (await test_shop.backend.me())["plan_code"] == "PRO_MONTHLY"

    live = await test_shop.goes_live()

    me = await live.backend.me()
    assert (me["plan_code"], me["expires_at"], me["daily_photo_limit"]) == ("FREE", None, 3)
    assert (await live.backend.get("subscription/")).json()["plan"] == "free"
    assert [(await live.backend.consume(amount=1)).status_code for _ in range(4)] == [200, 200, 200, 429]


async def test_live_days_begin_at_once_and_not_behind_test_days(
    test_shop: Service, database: Database
) -> None:
    await test_shop.sell("PRO_YEARLY")
    live = await test_shop.goes_live()

    await live.sell()

    test_days, live_days = await rows(database, SPANS)
    assert (await live.backend.me())["plan_code"] == "PRO_MONTHLY"
    assert live_days["begins"] < test_days["begins"] + timedelta(hours=1)
    assert await days_granted(database, USER) == 395
    assert await broken_rules(database) == {}


async def test_a_period_is_behind_those_of_its_own_shop(test_shop: Service, database: Database) -> None:
    await test_shop.sell()
    live = await test_shop.goes_live()

    await live.sell()
    await live.sell()

    _, first, second = await rows(database, SPANS)
    assert second["begins"] == first["ends"]
    assert datetime.fromisoformat((await live.backend.me())["expires_at"]) == second["ends"]


async def test_days_given_by_hand_lie_behind_test_days_and_stay_days_in_the_live_shop(
    test_shop: Service, services: Services, database: Database
) -> None:
    await test_shop.sell()
    async with services.statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
        await subscriptions.grant_period(
            tx, user_id=USER, plan_code="PRO_MONTHLY", days=10, author="support", reason="sorry"
        )
    bought, given = await rows(database, SPANS)
    assert given["begins"] == bought["ends"]

    await test_shop.goes_live()

    assert (given["chain"], bought["chain"]) == ("live", "test")
    assert (
        await value(
            database, "SELECT plan_in_force(:user, :at)", user=USER, at=given["begins"] + timedelta(days=1)
        )
        == "PRO_MONTHLY"
    )


async def test_a_subscriber_has_what_counts_and_not_test_days_beside_it(test_shop: Service) -> None:
    await test_shop.sell()
    live = await test_shop.goes_live()
    given = {"plan_code": "PRO_MONTHLY", "days": 10, "author": "support", "reason": "sorry"}
    answer = await live.backend.internal("POST", f"users/{USER}/grants/", given, Idempotency_Key="one")
    assert answer.status_code == 201, answer.text

    [shown] = (await live.backend.internal("GET", "subscribers/")).json()["results"]

    assert (shown["user_id"], shown["cause"]) == (USER, "grant")


async def test_a_payment_of_the_test_shop_that_settles_later_gives_no_access(
    test_shop: Service, database: Database
) -> None:
    await test_shop.office.pay(await test_shop.backend.buy())
    live = await test_shop.goes_live()

    await work_off(test_shop.services)

    assert await days_granted(database, USER) == 30
    assert (await live.backend.me())["plan_code"] == "FREE"


async def test_the_day_of_one_rouble_delays_nothing(test_shop: Service, database: Database) -> None:
    live = await test_shop.goes_live()
    await live.try_the_shop()
    assert (await live.backend.me(ADMIN))["plan_code"] == "TEST_LIVE"

    await live.sell(user=ADMIN)

    rouble, bought = await rows(database, SPANS)
    assert bought["begins"] < rouble["begins"] + timedelta(hours=1)
    me = await live.backend.me(ADMIN)
    assert (me["plan_code"], me["daily_photo_limit"]) == ("PRO_MONTHLY", None)
    assert datetime.fromisoformat(me["expires_at"]) == bought["ends"]


async def test_the_day_of_one_rouble_prolongs_nothing(test_shop: Service, database: Database) -> None:
    live = await test_shop.goes_live()
    await live.sell(user=ADMIN)

    await live.try_the_shop()

    bought, _ = await rows(database, SPANS)
    me = await live.backend.me(ADMIN)
    assert (me["plan_code"], datetime.fromisoformat(me["expires_at"])) == ("PRO_MONTHLY", bought["ends"])
    assert await days_granted(database, ADMIN) == 31


async def test_a_process_with_the_test_shop_does_not_start_beside_a_live_one(
    test_shop: Service, services: Services
) -> None:
    await test_shop.goes_live()

    with pytest.raises(UnfitDatabase, match="the live shop is in force here, and YOOKASSA_MODE is test"):
        await refuse_unfit(services.db, services.settings)


async def test_one_that_still_runs_gets_no_more_work(
    test_shop: Service, services: Services, web: WebApp
) -> None:
    assert (await test_shop.backend.http.get("/health/ready")).status_code == 200
    await test_shop.goes_live()
    web.app = create_app(services.settings, services)

    ready = await test_shop.backend.http.get("/health/ready")

    assert ready.status_code == 503
    assert "the live shop is in force here" in ready.json()["database"]


async def test_live_days_stay_days_whatever_is_put_in_force(
    test_shop: Service, services: Services, database: Database
) -> None:
    live = await test_shop.goes_live()
    await live.sell()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE shop_in_force SET is_test = true")

    async with MainBackend.calling(create_app(services.settings, services)) as backend:
        assert (await backend.me())["plan_code"] == "PRO_MONTHLY"


@pytest.mark.parametrize(("is_test", "chain"), [(True, "test"), (False, "live")])
async def test_what_was_granted_before_takes_the_kind_of_its_payments_shop(
    settings: Settings, is_test: bool, chain: str
) -> None:
    async with scratch_database(settings.database_url) as url:
        config = alembic_config(url)
        await asyncio.to_thread(command.upgrade, config, "0015")
        connection = await asyncpg.connect(url)
        await connection.execute(OLD_PERIOD.format(is_test=is_test))
        await asyncio.to_thread(command.upgrade, config, "head")

        period = await connection.fetchrow("SELECT is_test, chain FROM subscription_periods")
        in_force = await connection.fetchval("SELECT is_test FROM shop_in_force")
        plan = await connection.fetchval("SELECT plan_in_force(1, now())")
        await connection.close()

    assert tuple(period) == (is_test, chain)
    assert in_force == is_test
    assert plan == "PRO_MONTHLY"


async def test_a_database_that_forgot_its_shop_sells_for_real(test_shop: Service, database: Database) -> None:
    await test_shop.sell()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM shop_in_force")
    try:
        assert (await test_shop.backend.me())["plan_code"] == "FREE"
        assert await value(database, "SELECT test_days_count()") is False
    finally:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("INSERT INTO shop_in_force (is_test) VALUES (true)")
