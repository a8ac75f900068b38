"""The proofs that turn on an instant have a database whose clock stands still."""

from collections.abc import AsyncIterator

import pytest

from billing_service.config import Settings
from tests.usage.standstill import Standstill


@pytest.fixture(scope="session")
async def still(settings: Settings) -> AsyncIterator[Standstill]:
    async with Standstill.of(settings) as still:
        yield still
