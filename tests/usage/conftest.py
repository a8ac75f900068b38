"""The day of these tests ends when they say so; the proofs that turn on an instant have a clock that stands still."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from billing_service.config import Settings
from billing_service.kit.db import Database
from tests.usage.standstill import Standstill

TURN_TO_NOON = """
UPDATE turnable_clock.shift SET value =
    (date_trunc('day', now() AT TIME ZONE 'Europe/Moscow') + interval '36 hours') AT TIME ZONE 'Europe/Moscow' - now()
"""


@pytest.fixture
async def database(database: Database) -> Database:
    """It is noon in Moscow, whenever the tests are run: no midnight comes between two steps by chance."""
    async with database.engine.begin() as connection:
        await connection.execute(text(TURN_TO_NOON))
    return database


@pytest.fixture(scope="session")
async def still(settings: Settings) -> AsyncIterator[Standstill]:
    async with Standstill.of(settings) as still:
        yield still
