"""Who is at work is known by the database's own clock, and no jump of a clock makes it wrong for long."""

import asyncio
import socket
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from billing_service.heartbeats import queries
from billing_service.heartbeats.service import Presence, beating, presence
from billing_service.kit.db import Database
from tests.ledger import rows, value
from tests.stage import Clock

SEEN = "SELECT count(*) FROM worker_heartbeats"


async def a_worker(database: Database, *, seen: str = "0 s", host: str = "here") -> UUID:
    """One that was seen so long ago, in PostgreSQL's words, and then no more."""
    worker_id = uuid4()
    async with database.begin() as session:
        await queries.upsert_heartbeat(session, worker_id, host=host, pid=1, version="0")
        silent = (
            f"UPDATE worker_heartbeats SET seen_at = clock_timestamp() - interval '{seen}' WHERE id = :id"  # noqa: S608
        )
        await session.execute(text(silent), {"id": worker_id})
    return worker_id


async def who_is_there(database: Database, host: str | None = None) -> Presence:
    async with database.begin() as session:
        return await presence(session, host=host)


async def until_seen(database: Database, count: int) -> None:
    async with asyncio.timeout(20):
        while await value(database, SEEN) != count:  # noqa: ASYNC110 (another task's doing)
            await asyncio.sleep(0.02)


async def test_without_any_trace_nobody_is_there(database: Database) -> None:
    assert await who_is_there(database) == Presence(0, None)


async def test_a_worker_is_there_at_once_and_gone_after_a_clean_end(database: Database) -> None:
    async with beating(database, uuid4()):
        await until_seen(database, 1)
        while_it_works = await who_is_there(database, host=socket.gethostname())

    assert while_it_works.alive == 1
    assert await value(database, SEEN) == 0


async def test_one_whose_work_failed_is_not_at_work(database: Database) -> None:
    async def fail() -> None:
        async with beating(database, uuid4()):
            await until_seen(database, 1)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert await value(database, SEEN) == 0


async def test_a_killed_one_counts_as_gone_half_a_minute_after_its_last_beat(database: Database) -> None:
    await a_worker(database, seen="10 s")
    await a_worker(database, seen="31 s")

    there = await who_is_there(database)

    assert there.alive == 1
    assert 10 <= (there.seen_seconds_ago or 0) < 30


async def test_workers_of_another_host_do_not_count_here(database: Database) -> None:
    await a_worker(database, host="there")

    assert (await who_is_there(database)).alive == 1
    assert await who_is_there(database, host="here") == Presence(0, None)


async def test_months_that_pass_in_a_turned_clock_change_nobodys_life(
    database: Database, clock: Clock
) -> None:
    await a_worker(database)

    await clock.advance(days=400)

    assert (await who_is_there(database)).alive == 1


async def test_a_time_that_a_clock_has_left_again_makes_no_dead_worker_alive(database: Database) -> None:
    """It was an hour ahead for a while, and a worker died in that time."""
    await a_worker(database, seen="-1 hour")
    forgotten = await who_is_there(database)

    await a_worker(database, seen="40 s")

    assert forgotten == Presence(0, None)
    assert (await who_is_there(database)).seen_seconds_ago == pytest.approx(40, abs=20)


async def test_after_any_jump_a_living_worker_is_seen_again_with_its_next_beat(database: Database) -> None:
    for jumped in ("-1 hour", "1 hour"):
        worker_id = await a_worker(database, seen=jumped)
        before = (await who_is_there(database)).alive

        async with database.begin() as session:
            await queries.upsert_heartbeat(session, worker_id, host="here", pid=1, version="0")

        assert (await who_is_there(database)).alive == before + 1


async def test_a_starting_worker_clears_away_the_long_dead_and_those_from_the_future(
    database: Database,
) -> None:
    for seen in ("25 hours", "-2 minutes"):
        await a_worker(database, seen=seen, host="gone")
    await a_worker(database, seen="23 hours", host="kept")

    async with beating(database, uuid4()):
        await until_seen(database, 2)

    assert [row["host"] for row in await rows(database, "SELECT host FROM worker_heartbeats")] == ["kept"]


async def test_a_database_that_refuses_the_beat_does_not_disturb_the_work() -> None:
    nowhere = Database("postgresql://billing@127.0.0.1:1/billing", pool_size=1)

    with capture_logs() as lines:
        async with beating(nowhere, uuid4()):
            await asyncio.sleep(0.5)
    await nowhere.close()

    assert {line["event"] for line in lines} == {"worker.heartbeat_missed"}
    assert all(line["database"].startswith("cannot be reached") for line in lines)
