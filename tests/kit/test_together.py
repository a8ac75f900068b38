"""Who waits goes with others, and what becomes of each is what would have become of him alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.together import AT_ONCE, WIDTH
from billing_service.kit.transaction import Transaction
from billing_service.kit.turns import Busy
from tests.ledger import rows
from tests.wire import counted

T = TypeVar("T")
ADD = "INSERT INTO subscriptions (user_id) VALUES ($1) RETURNING user_id AS id, pg_current_xact_id()::text AS xact"
LOCK = "SELECT user_id AS id FROM subscriptions WHERE user_id = $1 FOR UPDATE"
WHO = "SELECT user_id FROM subscriptions ORDER BY user_id"


class Refused(Exception):
    """Somebody's own trouble."""


def adding(user: int) -> Callable[[Transaction], Awaitable[str]]:
    async def add(tx: Transaction) -> str:
        row = await tx.row_of(ADD, user) or {}
        assert row["id"] == user
        assert await tx.value("SELECT $1::int", user) == user
        return str(row["xact"])

    return add


def failing(user: int) -> Callable[[Transaction], Awaitable[str]]:
    async def fail(tx: Transaction) -> str:
        await tx.row_of(ADD, user)
        raise Refused

    return fail


@asynccontextmanager
async def no_place_free(statements: StatementPool) -> AsyncIterator[None]:
    """Whoever comes inside the block waits until its end."""
    end = asyncio.Event()

    async def stay(tx: Transaction) -> None:  # noqa: ARG001 (a transaction like any)
        await end.wait()

    staying = [
        asyncio.create_task(statements.together.take_or_queue(f"somebody {number}", stay))
        for number in range(AT_ONCE)
    ]
    await asyncio.sleep(0)
    yield
    end.set()
    await asyncio.gather(*staying)


async def at_the_same_time(
    statements: StatementPool, works: Sequence[tuple[object, Callable[[Transaction], Awaitable[T]]]]
) -> Sequence[T | BaseException]:
    async with no_place_free(statements):
        tasks = [
            asyncio.create_task(statements.together.take_or_queue(str(whose), work)) for whose, work in works
        ]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def users(database: Database) -> list[int]:
    return [row["user_id"] for row in await rows(database, WHO)]


async def test_who_waits_goes_with_others_in_one_transaction(
    database: Database, statements: StatementPool
) -> None:
    xacts = await at_the_same_time(statements, [(user, adding(user)) for user in range(1, 11)])

    assert len(set(xacts)) == 1
    assert await users(database) == [*range(1, 11)]


async def test_no_more_go_together_than_one_statement_takes_well(
    database: Database, statements: StatementPool
) -> None:
    xacts = await at_the_same_time(statements, [(user, adding(user)) for user in range(1, WIDTH + 4)])

    assert sorted(map(xacts.count, set(xacts))) == [3, WIDTH]
    assert len(await users(database)) == WIDTH + 3


async def test_a_statement_of_all_is_one_round_trip(settings: Settings, database: Database) -> None:
    async with counted(settings.database_url) as wire:
        own = StatementPool(wire.database_url, pool_size=AT_ONCE)
        works = [(user, lambda tx, user=user: tx.row_of(ADD, user)) for user in range(1, 11)]
        await at_the_same_time(own, works[:2])
        before = wire.round_trips

        await at_the_same_time(own, works[2:])

        # Begin, the statement, commit; the two who stay have a BEGIN and a COMMIT each; it is prepared perhaps anew.
        assert wire.round_trips - before <= 3 + 2 * AT_ONCE + 1
        await own.close()
    assert len(await users(database)) == 10


async def test_two_of_the_same_never_go_together(statements: StatementPool) -> None:
    xacts = await at_the_same_time(statements, [("one", adding(1)), ("one", adding(2)), ("other", adding(3))])

    assert xacts[0] == xacts[2] != xacts[1]


async def test_whoever_fails_fails_alone(database: Database, statements: StatementPool) -> None:
    with capture_logs() as lines:
        done = await at_the_same_time(statements, [(1, adding(1)), (2, failing(2)), (3, adding(3))])

    assert isinstance(done[1], Refused)
    assert len(set(done)) == 3
    assert await users(database) == [1, 3]
    assert [(line["event"], line["because"]) for line in lines] == [("group.dissolved", "Refused")]


async def test_who_is_through_when_another_fails_is_done_again(
    database: Database, statements: StatementPool
) -> None:
    async def fail_late(tx: Transaction) -> str:
        await adding(2)(tx)
        await tx.rows(LOCK, 2)
        raise Refused

    done = await at_the_same_time(statements, [(1, adding(1)), (2, fail_late)])

    assert isinstance(done[1], Refused)
    assert await users(database) == [1]


async def test_who_has_written_nothing_leaves_the_others_as_they_are(
    database: Database, statements: StatementPool
) -> None:
    async def look_and_fail(tx: Transaction) -> str:
        assert await tx.row_of(LOCK, 2) is None
        raise Refused

    done = await at_the_same_time(statements, [(1, adding(1)), (2, look_and_fail), (3, adding(3))])

    assert isinstance(done[1], Refused)
    assert done[0] == done[2]
    assert await users(database) == [1, 3]


async def test_what_somebody_wrote_by_calling_a_function_is_undone_when_he_fails(
    database: Database, statements: StatementPool
) -> None:
    async def tell_and_fail(tx: Transaction) -> str:
        await tx.value("SELECT record_event('subscription.imported', 2, '{}', true, NULL)")
        raise Refused

    done = await at_the_same_time(statements, [(1, adding(1)), (2, tell_and_fail)])

    assert isinstance(done[1], Refused)
    assert await rows(database, "SELECT user_id FROM outbox_events") == []
    assert await users(database) == [1]


async def test_a_statement_that_the_database_refuses_fails_alone(
    database: Database, statements: StatementPool
) -> None:
    done = await at_the_same_time(statements, [(1, adding(1)), (2, adding(1)), (3, adding(3))])

    assert [type(one).__name__ for one in done].count("UniqueViolationError") == 1
    assert await users(database) == [1, 3]


async def test_who_is_called_off_takes_nobody_along(database: Database, statements: StatementPool) -> None:
    entered = asyncio.Event()

    async def stay(tx: Transaction) -> str:
        await tx.row_of(ADD, 2)
        entered.set()
        await asyncio.Event().wait()
        return ""

    async with no_place_free(statements):
        one, called_off, late = (
            asyncio.create_task(statements.together.take_or_queue(user, work))
            for user, work in ((1, adding(1)), (2, stay), (3, adding(3)))
        )
        await asyncio.sleep(0)
        late.cancel()
    await entered.wait()
    called_off.cancel()

    await asyncio.wait_for(one, 10)
    ended = await asyncio.gather(called_off, late, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError] * 2
    assert await users(database) == [1]


async def test_who_must_wait_for_a_lock_lets_the_others_go_first(
    database: Database, statements: StatementPool
) -> None:
    async with statements.transaction() as tx:
        await tx.row_of(ADD, 1)

    async def lock(tx: Transaction) -> str:
        if await tx.row_of(LOCK + ("" if tx.waits else " SKIP LOCKED"), 1) is None:
            raise Busy(1)
        return "has waited"

    async with statements.transaction() as holder:
        await holder.row(LOCK, 1)
        async with no_place_free(statements):
            waiting = asyncio.create_task(statements.together.take_or_queue(1, lock))
            free = asyncio.create_task(statements.together.take_or_queue(2, adding(2)))
            await asyncio.sleep(0)
        await asyncio.wait_for(free, 5)
        assert not waiting.done()
        # Nor does he keep a place while he waits.
        others = (statements.together.take_or_queue(user, adding(user)) for user in range(3, 9))
        await asyncio.wait_for(asyncio.gather(*others), 5)

    assert await waiting == "has waited"
    assert await users(database) == [1, *range(2, 9)]


async def test_what_is_to_be_told_is_told_once_it_is_committed_and_once(statements: StatementPool) -> None:
    told: list[int] = []

    def telling(user: int) -> Callable[[Transaction], Awaitable[None]]:
        async def tell(tx: Transaction) -> None:
            await tx.row_of(ADD, user)
            tx.once_committed(lambda: told.append(user))

        return tell

    await at_the_same_time(statements, [(1, telling(1)), (2, telling(2))])
    await at_the_same_time(statements, [(3, telling(3)), (4, telling(4)), (5, failing(5))])

    assert sorted(told) == [1, 2, 3, 4]


async def test_who_waits_for_a_row_is_told_when_the_question_is_called_off(statements: StatementPool) -> None:
    waiting = asyncio.create_task(statements.gathering.get("SELECT 1 AS id WHERE 1 = $1", 1))
    await asyncio.sleep(0)
    [asking] = statements.gathering._asking  # noqa: SLF001 (as the end of the loop calls it off)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("number", [1, 7])
async def test_rows_that_are_asked_for_at_once_are_one_round_trip(
    settings: Settings,
    database: Database,  # noqa: ARG001 (emptied)
    number: int,
) -> None:
    async with counted(settings.database_url) as wire:
        own = StatementPool(wire.database_url, pool_size=1)
        statement = "SELECT user_id AS id, 'it' AS word FROM subscriptions WHERE user_id = $1"
        async with own.transaction() as tx:
            await tx.execute("INSERT INTO subscriptions (user_id) SELECT generate_series(1, 6)")
        await own.gathering.get(statement, 1)
        before = wire.round_trips

        found = await asyncio.gather(*(own.gathering.get(statement, one) for one in range(1, number + 1)))

        assert wire.round_trips - before == 1
        assert [row and row["id"] for row in found] == [1, 2, 3, 4, 5, 6, None][:number]
        await own.close()
