"""Whoever hammers one row waits in a line of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from billing_service.config import Settings
from tests.stage import MainBackend

HOT, OTHER = 8001, 8002
IN_FLIGHT = """
SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'billing-service' AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def watcher(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.database_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def the_row_locked(settings: Settings, user: int) -> AsyncIterator[None]:
    """By somebody else, until the end of the block: whoever wants this user's row waits."""
    connection = await asyncpg.connect(settings.database_url)
    async with connection.transaction():
        await connection.execute("SELECT FROM daily_usage WHERE user_id = $1 FOR UPDATE", user)
        yield
    await connection.close()


async def most_in_flight(watcher: asyncpg.Connection) -> int:
    """The most statements that waited at once while another user's photos were counted, one after another."""
    seen: list[int] = []
    for _ in range(50):
        await asyncio.sleep(0.01)
        seen.append(await watcher.fetchval(IN_FLIGHT))
    return max(seen)


@pytest.mark.parametrize("deed", ["consume", "reserve", "commit", "release"])
async def test_a_crowd_at_one_user_occupies_two_connections_and_others_are_served(
    api: MainBackend, settings: Settings, watcher: asyncpg.Connection, deed: str
) -> None:
    await api.reserve("known", HOT)
    asking = {
        "consume": lambda: api.consume(HOT),
        "reserve": lambda: api.reserve("known", HOT),
        "commit": lambda: api.commit("known"),
        "release": lambda: api.release("known"),
    }

    async with the_row_locked(settings, HOT):
        crowd = [asyncio.create_task(asking[deed]()) for _ in range(200)]
        in_flight = await most_in_flight(watcher)
        async with asyncio.timeout(2):
            other = [(await api.consume(OTHER)).status_code for _ in range(3)]
    answers = {answer.status_code for answer in await asyncio.gather(*crowd)}

    assert in_flight == 2
    assert other == [200, 200, 200]
    assert answers <= {200, 429}
