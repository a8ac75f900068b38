"""A shop that fiscalises through «Чеки от ЮKassa», and that we have asked about it."""

import pytest

from billing_service.receipts import shop
from billing_service.services import Services
from tests.stage import BackOffice


@pytest.fixture
async def fiscal(office: BackOffice, services: Services) -> BackOffice:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)
    return office
