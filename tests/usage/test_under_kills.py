"""Random reserve, commit, release, consume and expiry while the connections they run on are killed."""

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import Clock, MainBackend

USERS = (9001, 9002, 9003)
CALLERS = 40
OVER_THE_LIMIT = """
SELECT count(*) FROM daily_usage
WHERE photo_ai_requests + held_amount(live_holds(holds, billing_now())) > 3 OR photo_ai_requests < 0
"""
KILL_ONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'billing-service'
    AND query LIKE 'SELECT * FROM feature_usage_%' ORDER BY random() LIMIT 1
"""


@pytest.fixture
async def outside(services: Services) -> AsyncIterator[asyncpg.Connection]:
    """A connection that is not the service's."""
    connection = await asyncpg.connect(services.settings.database_url)
    yield connection
    await connection.close()


@pytest.mark.slow
async def test_used_and_held_never_pass_the_limit_and_nothing_leaks_whatever_is_killed(
    api: MainBackend,
    services: Services,
    database: Database,
    clock: Clock,
    outside: asyncpg.Connection,
    rounds: int,
) -> None:
    seed = random.randrange(10**9)  # noqa: S311 (it guards nothing)
    print(f"seed {seed}")  # noqa: T201 (so that a failure can be run again)
    callers = [asyncio.create_task(live(api, random.Random(seed + n), n, rounds)) for n in range(CALLERS)]  # noqa: S311
    watcher = await asyncpg.connect(services.settings.database_url)
    seen, killed = 0, 0
    while not all(caller.done() for caller in callers):
        assert await watcher.fetchval(OVER_THE_LIMIT) == 0
        killed += await outside.fetchval(KILL_ONE) or 0
        seen += 1
        await asyncio.sleep(0.01)
    await watcher.close()
    statuses = set().union(*(await asyncio.gather(*callers)))
    await clock.advance(hours=1)

    assert killed > 0
    assert seen > 10
    assert statuses <= {200, 404, 409, 429, 503}
    assert await value(database, OVER_THE_LIMIT) == 0
    counted = (
        "SELECT user_id, date, sum(counted) AS n FROM usage_operations WHERE state = 'counted' GROUP BY 1, 2"
    )
    in_the_day = "SELECT user_id, date, photo_ai_requests AS n FROM daily_usage WHERE photo_ai_requests > 0"
    assert await rows(database, f"{counted} ORDER BY 1, 2") == await rows(
        database, f"{in_the_day} ORDER BY 1, 2"
    )
    for user in USERS:
        left = (await api.internal("GET", f"users/{user}/usage")).json()
        assert left["held"] == 0


async def live(api: MainBackend, chance: random.Random, number: int, rounds: int) -> set[int]:
    """One caller: random operations under names of its own, each answered in one way or another."""
    statuses = set()
    for turn in range(rounds):
        user, name = chance.choice(USERS), f"caller-{number}-{turn // 2}"
        deeds = [
            partial(api.reserve, name, user, ttl_seconds=1),
            partial(api.reserve, name, user, amount=2, ttl_seconds=1),
            partial(api.commit, name),
            partial(api.commit, name, 1),
            partial(api.extend, name, 1),
            partial(api.release, name),
            partial(api.consume, user, operation_id=name),
        ]
        statuses.add((await chance.choice(deeds)()).status_code)
    return statuses
