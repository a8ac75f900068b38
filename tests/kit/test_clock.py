"""One clock for every process: the database's own in production, one that can be turned in development and tests."""

import asyncio
from datetime import timedelta

import asyncpg

from billing_service.config import Settings
from billing_service.kit.clock import get_now, is_turnable
from billing_service.kit.db import Database
from tests.scratch import migrated_database
from tests.stage import Clock


async def test_in_production_it_is_the_databases_own_time(settings: Settings) -> None:
    async with migrated_database(settings.database_url) as url:
        connection = await asyncpg.connect(url)
        ours, theirs = await connection.fetchrow("SELECT billing_now(), statement_timestamp()")
        clock_table = await connection.fetchval("SELECT to_regclass('turnable_clock.shift')")
        await connection.close()

    assert ours == theirs
    assert clock_table is None


async def test_a_turned_clock_is_turned_for_every_process(database: Database, clock: Clock) -> None:
    async with database.begin() as session:
        before = await get_now(session)

    await clock.advance(days=31)

    async with database.begin() as session:
        assert timedelta(days=31) <= await get_now(session) - before < timedelta(days=31, minutes=1)


async def test_after_waiting_for_a_lock_it_is_the_time_after_the_wait(database: Database) -> None:
    async with database.begin() as session:
        at_the_beginning = await get_now(session)
        await asyncio.sleep(0.2)

        assert await get_now(session) - at_the_beginning >= timedelta(seconds=0.2)


async def test_only_a_turnable_database_says_that_it_is_one(settings: Settings, database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await is_turnable(connection)

    async with migrated_database(settings.database_url) as url:
        production = Database(url, pool_size=1)
        async with production.engine.connect() as connection:
            assert not await is_turnable(connection)
        await production.close()
