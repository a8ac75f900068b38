"""How often a purchase and a notification wait for PostgreSQL: what makes them fast on any machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.receipts import shop
from billing_service.services import Services
from billing_service.webhooks import dispatch
from tests.ledger import days_granted, value
from tests.payment_methods.cards import order, shown
from tests.stage import USER, BackOffice, MainBackend, WebApp, that_renews
from tests.wire import Wire, counted

RECEIPT_TO = {"receipt_contact": {"email": "payer@example.ru"}}


@asynccontextmanager
async def over_the_wire(services: Services) -> AsyncIterator[tuple[Services, Wire]]:
    """The same service, each round trip counted. One connection of each kind: what is prepared once stays prepared."""
    async with counted(services.settings.database_url) as wire:
        db, statements = (
            Database(wire.database_url, pool_size=1),
            StatementPool(wire.database_url, pool_size=1),
        )
        yield replace(services, db=db, statements=statements), wire
        await statements.close()
        await db.close()


async def test_a_purchase_takes_seven_round_trips(services: Services) -> None:
    async with (
        over_the_wire(services) as (own, wire),
        MainBackend.calling(create_app(own.settings, own)) as api,
    ):
        await api.buy(user=1)
        await api.buy(user=2)
        before = wire.round_trips

        await api.buy(user=3, Idempotency_Key="a-wish")

        assert wire.round_trips - before <= 7


async def test_a_purchase_with_a_receipt_takes_no_more(services: Services, office: BackOffice) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)
    async with (
        over_the_wire(services) as (own, wire),
        MainBackend.calling(create_app(own.settings, own)) as api,
    ):
        for user in (1, 2):
            await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"} | RECEIPT_TO, user)
        before = wire.round_trips

        bought = await api.post(
            "create-payment/", {"plan_code": "PRO_MONTHLY"} | RECEIPT_TO, 3, Idempotency_Key="a-wish"
        )

        assert wire.round_trips - before <= 7
        assert bought.status_code == 201


async def test_a_notification_is_taken_in_with_five(
    services: Services, web: WebApp, office: BackOffice
) -> None:
    async with over_the_wire(services) as (own, wire):
        web.app = create_app(own.settings, own)
        async with MainBackend.calling(web) as api:
            for user in (1, 2):
                await office.pay(await api.buy(user=user))
            bought = await api.buy(user=3)
            before = wire.round_trips

            await office.pay(bought)

            assert wire.round_trips - before <= 5


async def test_a_notification_is_taken_in_with_one(
    services: Services, web: WebApp, office: BackOffice, database: Database
) -> None:
    async with over_the_wire(services) as (own, wire):
        web.app = create_app(own.settings, own)
        async with MainBackend.calling(web) as api:
            await office.pay(await api.buy(user=1))
            payment = await api.buy()
            before = wire.round_trips

            await office.pay(payment)

            assert wire.round_trips - before == 1
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'") == 2


async def test_a_notification_is_settled_with_six(
    services: Services, web: WebApp, office: BackOffice, database: Database
) -> None:
    async with over_the_wire(services) as (own, wire):
        web.app = create_app(own.settings, own)
        async with MainBackend.calling(web) as api:
            await office.pay(await api.buy(user=1))
            await dispatch.look(own, await _newest(database))
            await office.pay(await api.buy())
            before = wire.round_trips

            await dispatch.look(own, await _newest(database))

            assert wire.round_trips - before <= 6
    assert await days_granted(database, USER) == 30


async def test_a_card_that_is_kept_is_settled_with_six_too(
    services: Services, web: WebApp, office: BackOffice, database: Database
) -> None:
    async with over_the_wire(that_renews(services)) as (own, wire):
        web.app = create_app(own.settings, own)
        async with MainBackend.calling(web) as api:
            await office.pay(await order(api, 1))
            await dispatch.look(own, await _newest(database))
            await office.pay(await order(api))
            before = wire.round_trips

            await dispatch.look(own, await _newest(database))

            assert wire.round_trips - before <= 6
            assert (await shown(api))["is_attached"] is True
    assert await days_granted(database, USER) == 30


async def _newest(database: Database) -> int:
    return int(await value(database, "SELECT max(id) FROM webhook_logs"))
