"""Whatever becomes of a statement, the next one on its connection is answered."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from billing_service.config import Settings
from billing_service.kit.statement_pool import StatementPool

PATIENCE_SECONDS = 0.2


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[StatementPool]:
    """Of one connection, whose server has little patience."""
    pool = StatementPool(settings.database_url, pool_size=1)
    patience = f"{int(PATIENCE_SECONDS * 1000)}ms"
    await pool.fetch("SELECT set_config('statement_timeout', $1, false)", patience)
    yield pool
    await pool.close()


async def test_a_value_that_does_not_fit_calls_off_nothing_that_comes_later(pool: StatementPool) -> None:
    with pytest.raises(asyncpg.DataError):
        await pool.fetch("SELECT $1::bigint", "a word")
    await asyncio.sleep(2 * PATIENCE_SECONDS)

    assert (await pool.fetch_one("SELECT 1 AS one"))["one"] == 1


async def test_a_statement_that_nobody_waits_for_calls_off_nothing_that_comes_later(
    pool: StatementPool,
) -> None:
    for moment in range(12):
        asked = asyncio.create_task(pool.fetch(f"SELECT {moment}::int"))
        for _ in range(moment):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    await asyncio.sleep(2 * PATIENCE_SECONDS)

    assert (await pool.fetch_one("SELECT 1 AS one"))["one"] == 1
