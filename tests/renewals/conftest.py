"""A service whose renewals were switched on before anybody bought anything."""

from collections.abc import AsyncIterator

import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.renewals.actors import Renewals
from tests.stage import BackOffice, Clock, MainBackend, WebApp, that_renews


@pytest.fixture
async def renewing(services: Services) -> Services:
    renewing = that_renews(services)
    await charging.follow_setting(renewing)
    return renewing


@pytest.fixture
async def api(renewing: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(renewing.settings, renewing)
    async with MainBackend.calling(web) as backend:
        yield backend


@pytest.fixture
def renewals(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock, database: Database
) -> Renewals:
    return Renewals(api, office, renewing, clock, database)
