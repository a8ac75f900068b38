"""Notifications that pour in are settled together, and each becomes what it would have become alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace

import asyncpg
import pytest
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.together import AT_ONCE, Together
from billing_service.kit.transaction import Transaction
from billing_service.services import Services
from billing_service.webhooks.dispatch import look
from tests.bad_days.invariants import broken_rules
from tests.ledger import days_granted, rows
from tests.stage import BackOffice, MainBackend, WebApp
from tests.wire import counted

MANY = 12
STATES = """
    SELECT p.user_id, p.status AS payment, log.status, log.error_message
    FROM webhook_logs log JOIN payments p ON p.yookassa_payment_id = log.payment_id ORDER BY p.user_id, log.id
"""
LOGS = "SELECT id FROM webhook_logs WHERE status = 'RECEIVED' ORDER BY id"
WHY = "contradicts our row: amount"


async def look_at_all(services: Services, database: Database) -> None:
    await asyncio.gather(*(look(services, row["id"]) for row in await rows(database, LOGS)))


@asynccontextmanager
async def refusing(services: Services, trigger: str) -> AsyncIterator[None]:
    """Until the end of the block the database refuses what this trigger stands before or behind."""
    refuse = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;"
    )
    async with services.statements.transaction() as tx:
        await tx.connection.execute(f"{refuse} {trigger} EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        async with services.statements.transaction() as tx:
            await tx.connection.execute("DROP FUNCTION refuse CASCADE")


async def look_and_fail(services: Services, database: Database) -> Sequence[object]:
    """What each look ended with."""
    waiting = await rows(database, LOGS)
    return await asyncio.gather(*(look(services, row["id"]) for row in waiting), return_exceptions=True)


async def test_each_of_many_is_settled_once_whatever_is_among_them(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    bought = {user: await api.buy(user=user) for user in range(1, MANY + 1)}
    second = await api.buy("PRO_YEARLY", user=1)
    for user, payment in bought.items():
        await (office.decline(payment, "insufficient_funds") if user == 4 else office.pay(payment))
    await office.pay(second)
    await office.misreport(bought[3], amount={"value": "1.00", "currency": "RUB"})
    await office.refund(bought[5], "100.00")

    with capture_logs() as lines:
        await look_at_all(services, database)

    told = [(row["payment"], row["status"], row["error_message"]) for row in await rows(database, STATES)]
    assert told.count(("SUCCEEDED", "SUCCESS", None)) == MANY
    assert told.count(("CANCELED", "SUCCESS", None)) == 1
    assert told.count(("PENDING", "FAILED", WHY)) == 1
    granted = {user: await days_granted(database, user) for user in bought}
    assert granted == dict.fromkeys(bought, 30) | {1: 395, 3: 0, 4: 0}
    assert [line for line in lines if line["event"] == "group.dissolved"] == []
    assert await broken_rules(database) == {}


async def test_they_share_their_round_trips(
    services: Services, web: WebApp, office: BackOffice, database: Database
) -> None:
    async with counted(services.settings.database_url) as wire:
        own = replace(services, statements=StatementPool(wire.database_url, pool_size=2))
        web.app = create_app(own.settings, own)
        async with MainBackend.calling(web) as api:
            for users in (range(1, 6), range(6, 6 + MANY)):
                for user in users:
                    await office.pay(await api.buy(user=user))
                before = wire.round_trips
                await look_at_all(own, database)

        # One question; two who find a place at once, and the others, five each; what is prepared for the first time.
        assert wire.round_trips - before <= 1 + 2 * 5 + 5 + 3
        await own.statements.close()
    assert await broken_rules(database) == {}


@pytest.mark.parametrize("user", [1, MANY // 2, MANY])
async def test_one_that_the_database_refuses_stops_no_other(
    api: MainBackend, office: BackOffice, services: Services, database: Database, user: int
) -> None:
    for one in range(1, MANY + 1):
        await office.pay(await api.buy(user=one))
    trigger = f"""
        CREATE TRIGGER refused BEFORE INSERT ON subscription_periods FOR EACH ROW WHEN (NEW.user_id = {user})
    """

    async with refusing(services, trigger):
        looked = await look_and_fail(services, database)

    assert ["not this one" in str(error) for error in looked if error] == [True]
    paid = {one: await days_granted(database, one) for one in range(1, MANY + 1)}
    assert paid == dict.fromkeys(range(1, MANY + 1), 30) | {user: 0}
    await look_at_all(services, database)
    assert await days_granted(database, user) == 30
    assert await broken_rules(database) == {}


async def test_an_answer_to_the_commit_of_all_that_is_lost_gives_nothing_twice(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """It is committed, and nobody knows: each is settled again, alone."""
    for user in range(1, MANY + 1):
        await office.pay(await api.buy(user=user))
    lost = 0

    @asynccontextmanager
    async def begin(*, waits: bool = True) -> AsyncIterator[Transaction]:
        nonlocal lost
        async with services.statements.transaction(waits=waits) as tx:
            yield tx
        if lost < AT_ONCE + 1 and not waits:
            lost += 1
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    own = replace(services, statements=copy(services.statements))
    own.statements.together = Together(begin, services.statements.turns)

    with capture_logs() as lines:
        looked = await look_and_fail(own, database)

    # Whoever went alone meets it himself, and his job comes again.
    assert len([error for error in looked if error]) == AT_ONCE
    [dissolved] = [line for line in lines if line["event"] == "group.dissolved"]
    assert dissolved["members"] == MANY - AT_ONCE
    assert {user: await days_granted(database, user) for user in range(1, MANY + 1)} == dict.fromkeys(
        range(1, MANY + 1), 30
    )
    told = await rows(database, "SELECT user_id FROM outbox_events WHERE kind = 'payment.succeeded'")
    assert len(told) == MANY
    assert await rows(database, LOGS) == []
    assert await broken_rules(database) == {}


async def test_one_whose_rows_the_database_refuses_at_the_commit_stops_no_other(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    for one in range(1, MANY + 1):
        await office.pay(await api.buy(user=one))
    trigger = """
        CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON subscription_periods DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.user_id = 7)
    """

    async with refusing(services, trigger):
        looked = await look_and_fail(services, database)

    assert ["not this one" in str(error) for error in looked if error] == [True]
    paid = {one: await days_granted(database, one) for one in range(1, MANY + 1)}
    assert paid == dict.fromkeys(range(1, MANY + 1), 30) | {7: 0}
    assert await broken_rules(database) == {}
