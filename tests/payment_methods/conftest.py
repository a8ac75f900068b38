"""A service whose renewals are on, as settings of tests say; none that is loaded from the environment starts so yet."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from billing_service.app import create_app
from billing_service.services import Services
from tests.stage import MainBackend, WebApp


@pytest.fixture
async def renewing(services: Services) -> Services:
    settings = services.settings.model_copy(update={"billing_recurring_enabled": True})
    return replace(services, settings=settings)


@pytest.fixture
async def api(renewing: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(renewing.settings, renewing)
    async with MainBackend.calling(web) as backend:
        yield backend
