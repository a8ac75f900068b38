"""An old service to move in from, and the move."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest

from billing_service.kit.db import Database
from billing_service.legacy.importing import Imported, import_all
from billing_service.services import Services
from tests.legacy.old import PRICES, OldService, an_old_service
from tests.stage import BackOffice, Clock, noon

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


@pytest.fixture
async def today(clock: Clock, database: Database) -> date:
    """It is noon where days end, so that no midnight comes in between."""
    return await noon(database, clock)


AtTheProvider = Callable[..., Awaitable[str]]


@pytest.fixture
def at_the_provider(services: Services, office: BackOffice) -> AtTheProvider:
    """A payment that the old service has made there, and its payer has paid."""

    async def made(
        user_id: int, plan: str = "PRO_MONTHLY", *, paid: bool = True, without: str = "", **marks: str
    ) -> str:
        said = {"user_id": str(user_id), "plan_code": plan, "billing_mode": "ONE_TIME"} | marks
        response = await services.yookassa._http.post(  # noqa: SLF001 (as the old service's own client would)
            "/payments",
            headers={"Idempotence-Key": f"old-{user_id}-{plan}-{len(await office.payments())}"},
            json={
                "amount": {"value": PRICES[plan], "currency": "RUB"},
                "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"},
                "capture": True,
                "description": "Подписка",
                "metadata": {name: word for name, word in said.items() if name not in without.split()},
            },
        )
        assert response.status_code == 200, response.text
        created = {"yookassa_payment_id": response.json()["id"]}
        if paid:
            await office.pay(created)
        return str(created["yookassa_payment_id"])

    return made
