"""The service with its panel, and people in every role."""

from collections.abc import AsyncIterator

import pytest

from billing_service.services import Services
from billing_service.staff.roles import Role
from tests.admin.visitor import Person, hire, with_panel


@pytest.fixture
async def panel(services: Services) -> Services:
    """The services of a process that serves the panel, with an account of the name of each role."""
    served = with_panel(services)
    for role in Role:
        await hire(served, role.value, role)
    return served


@pytest.fixture
async def stranger(panel: Services) -> AsyncIterator[Person]:
    async with Person.at(panel) as person:
        yield person


@pytest.fixture
async def support(panel: Services) -> AsyncIterator[Person]:
    async with Person.at(panel) as person:
        await person.sign_in("support")
        yield person


@pytest.fixture
async def finance(panel: Services) -> AsyncIterator[Person]:
    async with Person.at(panel) as person:
        await person.sign_in("finance")
        yield person


@pytest.fixture
async def owner(panel: Services) -> AsyncIterator[Person]:
    async with Person.at(panel) as person:
        await person.sign_in("owner")
        yield person
