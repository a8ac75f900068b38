"""What nobody can repeat any more is forgotten, a bite at a time."""

import asyncio

import asyncpg
import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.operations.retention import BITE, forget_old
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import Clock, MainBackend
from tests.usage.locking import HeldUp

OLD_OPERATIONS = """
INSERT INTO usage_operations (operation_id, user_id, date, photos, state, changed_at)
    SELECT n, 1, billing_now() - interval '9 days', 1, 'counted', billing_now() - interval '9 days'
    FROM generate_series(1, $1) n
"""
OLD_DAYS = """
INSERT INTO daily_usage (user_id, date) SELECT n, billing_now() - interval '402 days' FROM generate_series(1, $1) n
"""


async def fill(settings: Settings, sql: str, count: int) -> None:
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(sql, count)
    await connection.close()


async def left(database: Database) -> tuple[int, int]:
    """Operations and days."""
    operations = await value(database, "SELECT count(*) FROM usage_operations")
    return operations, await value(database, "SELECT count(*) FROM daily_usage")


async def test_the_clean_up_forgets_what_nobody_can_repeat_any_more(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    await api.consume(operation_id="old")
    await clock.advance(days=7, hours=1)
    await api.consume(operation_id="young")
    await forget_old(services, asyncio.Event())
    after_a_week = await rows(database, "SELECT operation_id FROM usage_operations ORDER BY changed_at")

    await clock.advance(days=1)
    await forget_old(services, asyncio.Event())

    assert [one["operation_id"] for one in after_a_week] == ["old", "young"]
    assert await value(database, "SELECT operation_id FROM usage_operations") == "young"


async def test_days_are_remembered_for_four_hundred_days(
    api: MainBackend, services: Services, database: Database, clock: Clock
) -> None:
    await api.consume()
    await clock.advance(days=399)
    await forget_old(services, asyncio.Event())
    before = await left(database)
    await clock.advance(days=2)
    await forget_old(services, asyncio.Event())

    assert (before, await left(database)) == ((0, 1), (0, 0))


async def test_the_clean_up_goes_on_until_nothing_old_is_left(
    settings: Settings, services: Services, database: Database
) -> None:
    many = 2 * BITE + 1
    await fill(settings, OLD_OPERATIONS, many)
    await fill(settings, OLD_DAYS, BITE)

    forgotten = await forget_old(services, asyncio.Event())

    assert (forgotten["usage_operations"], forgotten["daily_usage"]) == (many, BITE)
    assert await left(database) == (0, 0)


async def test_an_operation_that_is_committed_under_the_clean_up_stays(
    api: MainBackend, services: Services, settings: Settings, database: Database, clock: Clock
) -> None:
    await api.reserve("late")
    await clock.advance(days=9)

    committing = "SELECT FROM usage_commit($1, 'Europe/Moscow', true)"
    async with HeldUp.at(settings, committing, "late"):
        await asyncio.wait_for(forget_old(services, asyncio.Event()), 5)

    assert await value(database, "SELECT state FROM usage_operations") == "counted"
    assert (await api.commit("late")).status_code == 200


@pytest.mark.parametrize("deed", ["commit", "release"])
async def test_an_operation_is_remembered_from_its_end_on(
    api: MainBackend, services: Services, clock: Clock, deed: str
) -> None:
    end = {"commit": api.commit, "release": api.release}[deed]
    await api.reserve("late")
    await clock.advance(days=7, hours=12)
    first = await end("late")
    await clock.advance(days=1)
    await forget_old(services, asyncio.Event())

    assert (first.status_code, (await end("late")).status_code) == (200, 200)
