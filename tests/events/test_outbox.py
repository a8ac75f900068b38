"""An event is written with its fact or not at all, and numbered without a gap in the order in which it can be seen."""

import asyncio
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError

from billing_service.config import Settings
from billing_service.events import service as events
from billing_service.events.kinds import KINDS
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.subscriptions import service as subscriptions
from tests.ledger import rows, value
from tests.stage import USER

ENABLED = {"enabled": True}
NUMBERS = "SELECT feed_no, user_id, user_seq FROM outbox_events ORDER BY feed_no"


class Undone(Exception):
    pass


async def publish(statements: StatementPool, at_once: int = 1000) -> int:
    row = await statements.fetch_one("SELECT publish_events($1) AS published", at_once)
    return int(row["published"])


async def record(statements: StatementPool, user: int = USER, **more: Any) -> object:  # noqa: ANN401
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, user)
        return await events.record(tx, "subscription.autorenew_changed", user, ENABLED, **more)


async def test_an_event_of_a_transaction_that_is_undone_was_never_written(
    statements: StatementPool, database: Database
) -> None:
    async def change_and_fail() -> None:
        async with statements.transaction() as tx:
            await subscriptions.lock(tx, USER)
            await events.record(tx, "subscription.autorenew_changed", USER, ENABLED)
            raise Undone

    with pytest.raises(Undone):
        await change_and_fail()

    assert await value(database, "SELECT count(*) FROM outbox_events") == 0


async def test_the_state_is_the_one_of_the_transaction_and_not_of_before(
    statements: StatementPool, database: Database
) -> None:
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
        await subscriptions.grant_period(
            tx, user_id=USER, plan_code="PRO_MONTHLY", days=3, author="support", reason="сбой"
        )
        await events.record(tx, "subscription.autorenew_changed", USER, ENABLED)

    state = await value(
        database, "SELECT state FROM outbox_events WHERE kind = 'subscription.autorenew_changed'"
    )
    assert state["plan"] == "PRO_MONTHLY"
    assert state["access_until"] == state["spans"][0]["ends"]


async def test_a_fact_under_a_name_is_told_once(statements: StatementPool, database: Database) -> None:
    told = [await record(statements, once="notice:7") for _ in range(2)]

    assert told[0] is not None
    assert told[1] is None
    assert await value(database, "SELECT count(*) FROM outbox_events") == 1


async def test_what_does_not_fit_its_kind_is_not_written(
    statements: StatementPool, database: Database
) -> None:
    async with statements.transaction() as tx:
        with pytest.raises(ValidationError):
            await events.record(tx, "subscription.autorenew_changed", USER, {"enabled": True, "card": "4444"})
        with pytest.raises(ValueError, match="of a user"):
            await events.record(tx, "subscription.autorenew_changed", None, ENABLED)

    assert await value(database, "SELECT count(*) FROM outbox_events") == 0


async def test_whoever_writes_a_state_holds_the_users_lock_also_if_nobody_took_it(
    statements: StatementPool,
) -> None:
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
    async with statements.transaction() as tx, statements.transaction() as other:
        await events.record(tx, "subscription.autorenew_changed", USER, ENABLED)
        free = await other.rows("SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE SKIP LOCKED", USER)

    assert free == []


async def test_a_lower_number_is_never_seen_after_a_higher_one(
    statements: StatementPool, database: Database
) -> None:
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, 1)
        await events.record(tx, "subscription.autorenew_changed", 1, ENABLED)
        await record(statements, 2)
        assert await publish(statements) == 1
        numbered = await rows(
            database, "SELECT user_id, feed_no FROM outbox_events WHERE feed_no IS NOT NULL"
        )
    await publish(statements)

    assert numbered == [{"user_id": 2, "feed_no": 1}]
    assert [(one["user_id"], one["feed_no"]) for one in await rows(database, NUMBERS)] == [(2, 1), (1, 2)]


async def test_three_publishers_that_are_killed_number_without_a_gap_and_each_user_in_order(
    statements: StatementPool, database: Database, settings: Settings
) -> None:
    done = asyncio.Event()

    async def tell(user: int) -> None:
        for number in range(20):
            async with statements.transaction() as tx:
                await subscriptions.lock(tx, user)
                await events.record(
                    tx, "subscription.autorenew_changed", user, ENABLED, once=f"{user}:{number:02}"
                )

    async def publish_and_die() -> None:
        while not done.is_set():
            connection = await asyncpg.connect(settings.database_url)
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SELECT publish_events(7)")
            await asyncio.sleep(0.002)
            connection.terminate()
            await publish(statements, at_once=3)

    dying = [asyncio.create_task(publish_and_die()) for _ in range(3)]
    await asyncio.gather(*(tell(user) for user in (1, 2, 3, 4)))
    done.set()
    await asyncio.gather(*dying)
    while await value(database, "SELECT count(*) FROM outbox_events WHERE feed_no IS NULL"):
        await publish(statements, at_once=3)

    numbered = await rows(
        database, "SELECT feed_no, user_id, user_seq, once FROM outbox_events ORDER BY feed_no"
    )
    assert [one["feed_no"] for one in numbered] == list(range(1, 81))
    for user in (1, 2, 3, 4):
        own = [one for one in numbered if one["user_id"] == user]
        assert [one["user_seq"] for one in own] == list(range(1, 21))
        assert [one["once"] for one in own] == [f"{user}:{number:02}" for number in range(20)]


def test_a_kind_is_named_after_its_thing() -> None:
    assert {kind.partition(".")[0] for kind in KINDS} <= {
        *("subscription", "payment", "payment_method", "usage", "receipt", "billing"),
    }
