"""A service whose renewals are on: without them no method is kept."""

from collections.abc import AsyncIterator

import pytest

from billing_service.app import create_app
from billing_service.services import Services
from tests.stage import MainBackend, WebApp, that_renews


@pytest.fixture
async def renewing(services: Services) -> Services:
    return that_renews(services)


@pytest.fixture
async def api(renewing: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(renewing.settings, renewing)
    async with MainBackend.calling(web) as backend:
        yield backend
