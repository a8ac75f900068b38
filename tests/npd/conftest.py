"""A shop whose owner is self-employed."""

from dataclasses import replace
from datetime import date

import pytest

from billing_service.services import Services


@pytest.fixture
async def services(services: Services) -> Services:
    """The same, and a register is kept."""
    settings = services.settings.model_copy(update={"npd_since": date(2026, 1, 1)})
    return replace(services, settings=settings)
