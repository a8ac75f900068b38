"""An old service to move in from, and the move."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from billing_service.legacy.importing import Imported, import_all
from billing_service.services import Services
from tests.legacy.old import OldService, an_old_service

Move = Callable[..., Awaitable[Imported]]


@pytest.fixture
async def old(services: Services) -> AsyncIterator[OldService]:
    async with an_old_service(services.settings.database_url) as old:
        yield old


@pytest.fixture
def move(services: Services, old: OldService) -> Move:
    """Import everything that the old service has now."""

    async def import_now(**wishes: object) -> Imported:
        asked = {"schema": old.schema, "tell": lambda _: None} | wishes
        return await import_all(services, old.url, **asked)  # type: ignore[arg-type]

    return import_now
