"""A shop whose owner is self-employed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing_service.services import Services
from tests.stage import BackOffice, MainBackend, work_off


@pytest.fixture
async def services(services: Services) -> Services:
    """The same, and a register is kept."""
    settings = services.settings.model_copy(update={"npd_since": date(2026, 1, 1)})
    return replace(services, settings=settings)


@pytest.fixture
async def paid(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)
    return payment
