"""The connection that listens for jobs: whatever becomes of it, nobody waits for it for ever."""

import asyncio

import asyncpg
import pytest
import structlog

from billing_service.config import Settings
from billing_service.kit import servers
from billing_service.kit.db import is_unavailable
from billing_service.kit.hearing import HearingDriver
from tests.scratch import execute
from tests.wire import counted

END_IT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"


async def test_what_listened_is_given_back_though_it_is_ended_and_has_not_heard_so(
    migrated: Settings,
) -> None:
    async def listen_until_it_is_ended() -> None:
        async with HearingDriver(pool) as driver:
            await driver.add_listener("heard", print)
            await execute(migrated.database_url, END_IT)
            await wire.last_word.wait()

    async with (
        counted(migrated.database_url) as wire,
        servers.opened_pool(wire.database_url, min_size=0, max_size=2) as pool,
    ):
        wire.hangs_up.clear()
        with pytest.raises(asyncpg.InternalClientError) as refused:
            await listen_until_it_is_ended()
        wire.hangs_up.set()
        await asyncio.wait_for(pool.close(), servers.CLOSE_SECONDS / 2)

    assert is_unavailable(refused.value)


async def test_a_connection_that_nobody_gives_back_is_ended_with_its_pool(migrated: Settings) -> None:
    with structlog.testing.capture_logs() as said:
        async with servers.opened_pool(migrated.database_url, min_size=0, max_size=2) as pool:
            kept = await pool.acquire()
            process = kept.get_server_pid()

    assert [line["event"] for line in said] == ["database.connection_abandoned"]
    async with servers.opened_pool(migrated.database_url, min_size=0, max_size=1) as pool:
        assert await pool.fetch("SELECT FROM pg_stat_activity WHERE pid = $1", process) == []
