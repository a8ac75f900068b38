"""A job and the fact it follows from are committed together, or neither is there."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from billing_service.kit.db import Database
from billing_service.kit.jobs import Priority, enqueue, headers_of, queued_by
from billing_service.kit.statement_pool import StatementPool
from tests import ledger

FACT = "INSERT INTO subscriptions (user_id) VALUES ($1)"
WAITING = "SELECT count(*) FROM pgqueuer"
# Everything but ids and the instants themselves.
JOBS = """
    SELECT to_jsonb(job) - '{id,created,updated,heartbeat,execute_after}'::text[] AS job,
        to_jsonb(log) - '{id,created,job_id}'::text[] AS log,
        execute_after <= now() AS is_due, job.created = job.updated AND job.created = job.heartbeat AS is_new
    FROM pgqueuer job LEFT JOIN pgqueuer_log log ON log.job_id = job.id
"""
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


async def test_a_statement_that_enqueues_by_itself_writes_what_the_library_writes(
    database: Database, statements: StatementPool
) -> None:
    queued = queued_by(
        "source",
        name="look",
        payload="id::text",
        dedupe_key="'look:' || id",
        headers="$2",
        priority=Priority.SOMEBODY_WAITS,
    )
    ours = f"WITH source AS (SELECT $1::int AS id), {queued} SELECT FROM source"  # noqa: S608 (our own words)

    async def by_us() -> None:
        async with statements.transaction() as tx:
            await tx.execute(ours, 1, headers_of("look"))

    async def by_the_library() -> None:
        async with statements.transaction() as tx:
            await enqueue(tx, "look", b"1", dedupe_key="look:1", priority=Priority.SOMEBODY_WAITS)

    async def twice(enqueues: Callable[[], Awaitable[None]]) -> Sequence[object]:
        await enqueues()
        await enqueues()
        written = await ledger.rows(database, JOBS)
        await statements.fetch("TRUNCATE pgqueuer, pgqueuer_log")
        return written

    written = await twice(by_us)

    assert len(written) == 1
    assert written == await twice(by_the_library)
