"""Callers who never stop while something happens to the database, and what they were promised."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.ledger import rows
from tests.stage import BackOffice, MainBackend
from tests.webhooks.test_inbox import a_notification

AT_ONCE = 4


@dataclass
class Load:
    """Many callers who never stop asking, and every answer they got."""

    api: MainBackend
    pause: float = 0.01
    told: dict[str, httpx.Response] = field(default_factory=dict)
    bought: list[httpx.Response] = field(default_factory=list)
    users: Callable[[], int] = field(default_factory=lambda: count(7001).__next__)

    async def tell(self) -> None:
        yookassa_id = str(uuid4())
        self.told[yookassa_id] = await self.api.notify(a_notification(yookassa_id))

    async def buy(self) -> None:
        self.bought.append(await self.api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, self.users()))

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        over = asyncio.Event()
        callers = [asyncio.create_task(self._until(over, do)) for do in (self.tell, self.buy) * AT_ONCE]
        yield
        over.set()
        await asyncio.gather(*callers)

    async def _until(self, over: asyncio.Event, do: Callable[[], Awaitable[None]]) -> None:
        while not over.is_set():
            await do()
            await asyncio.sleep(self.pause)

    @property
    def answers(self) -> list[httpx.Response]:
        return [*self.told.values(), *self.bought]

    def everybody_was_told_to_come_again(self) -> None:
        """Whoever was refused got our 503, with when to ask again."""
        for refused in (one for one in self.answers if not one.is_success):
            assert refused.status_code == 503, refused.text
            assert refused.json()["error"]["code"] == "TEMPORARILY_UNAVAILABLE"
            assert int(refused.headers["retry-after"]) > 0

    async def nothing_acknowledged_is_lost(self, database: Database, office: BackOffice) -> None:
        """Every notification that got its 200 is there, and the worker settles every paid link without help."""
        kept = {row["payment_id"] for row in await rows(database, "SELECT payment_id FROM webhook_logs")}
        assert {told for told, answer in self.told.items() if answer.is_success} - kept == set()
        links = [answer.json() for answer in self.bought if answer.is_success]
        for link in links:
            await office.pay(link)
        async with asyncio.timeout(40):
            while {link["payment_id"] for link in links} - await _settled(database):  # noqa: ASYNC110 (the worker's doing)
                await asyncio.sleep(0.1)


async def _settled(database: Database) -> set[str]:
    settled = await rows(database, "SELECT id::text FROM payments WHERE status = 'SUCCEEDED'")
    return {row["id"] for row in settled}
