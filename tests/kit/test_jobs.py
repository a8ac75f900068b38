"""A job and the fact it follows from are committed together, or neither is there."""

import pytest

from billing_service.kit.db import Database
from billing_service.kit.jobs import enqueue
from billing_service.kit.statement_pool import StatementPool
from tests import ledger

FACT = "INSERT INTO subscriptions (user_id) VALUES ($1)"
WAITING = "SELECT count(*) FROM pgqueuer"
FACTS = "SELECT count(*) FROM subscriptions"


class Interrupted(Exception):
    """The process dies here."""


async def count(database: Database) -> tuple[int, int]:
    return await ledger.value(database, FACTS), await ledger.value(database, WAITING)


async def test_both_are_there_after_the_commit(database: Database, statements: StatementPool) -> None:
    async with statements.transaction() as tx:
        await tx.execute(FACT, 1)
        await enqueue(tx, "look", b"1", dedupe_key="1")

    assert await count(database) == (1, 1)


@pytest.mark.parametrize("job_first", [True, False])
async def test_neither_is_there_after_a_crash_whichever_came_first(
    database: Database, statements: StatementPool, job_first: bool
) -> None:
    async def crash() -> None:
        async with statements.transaction() as tx:
            if job_first:
                await enqueue(tx, "look", b"1", dedupe_key="1")
            await tx.execute(FACT, 1)
            if not job_first:
                await enqueue(tx, "look", b"1", dedupe_key="1")
            raise Interrupted

    with pytest.raises(Interrupted):
        await crash()

    assert await count(database) == (0, 0)


async def test_a_job_that_is_waiting_already_is_left_alone_and_the_fact_is_kept(
    database: Database, statements: StatementPool
) -> None:
    for user in (1, 2):
        async with statements.transaction() as tx:
            await enqueue(tx, "look", b"1", dedupe_key="same")
            await tx.execute(FACT, user)

    assert await count(database) == (2, 1)
