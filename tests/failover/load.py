"""Users of two APIs who repeat what was not answered, and keep what they were told: it must be there afterwards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, product
from time import monotonic
from typing import Any
from uuid import uuid4

import asyncpg

from billing_service.config import DEV_TOKEN
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.operations.invariants import INVARIANTS, find_violations
from billing_service.payments.settlement import OUR_MARK
from tests.fleet import WEBHOOK

Person = Callable[[httpx.AsyncClient, int, int], Awaitable[None]]
OPEN = "SELECT count(*) FROM payments WHERE status <> 'SUCCEEDED'"
PASSES_BY_ITSELF = {502, 503}


@dataclass
class Load:
    """What was answered with success, by what it was about; and when each API last took something written."""

    apis: tuple[int, ...]
    sandbox: str
    # Of each kind, at each API; and how long each waits before the next thing.
    people: int = 1
    pause: float = 0.2
    notified: list[str] = field(default_factory=list)
    counted: dict[int, list[str]] = field(default_factory=dict)
    bought: dict[str, str] = field(default_factory=dict)
    wrote_at: dict[int, list[float]] = field(default_factory=dict)
    refused: int = 0
    _stops: bool = False

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Until the end of the block, and then until everybody has been answered."""
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {DEV_TOKEN}"}, timeout=30) as http:
            people = (self._notify, self._consume, self._reserve, self._buy) * self.people
            streams = [
                asyncio.create_task(self._again_and_again(person, http, api, first=1_000_000 * (1 + number)))
                for number, (api, person) in enumerate(product(self.apis, people))
            ]
            try:
                yield
            finally:
                self._stops = True
                async with asyncio.timeout(60):
                    await asyncio.gather(*streams)

    async def each_wrote_since(self, instant: float) -> dict[int, float]:
        """Seconds from then until each API wrote something for the first time."""
        async with asyncio.timeout(60):
            while not all(self.wrote_at.get(api, [0.0])[-1] > instant for api in self.apis):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return {api: next(at for at in self.wrote_at[api] if at > instant) - instant for api in self.apis}

    async def _again_and_again(
        self, person: Person, http: httpx.AsyncClient, api: int, *, first: int
    ) -> None:
        for user in count(first):
            await person(http, api, user)
            if self._stops:
                return
            await asyncio.sleep(self.pause)

    async def _notify(self, http: httpx.AsyncClient, api: int, _user: int) -> None:
        told = {"id": str(uuid4()), "status": "succeeded"}
        body = {"type": "notification", "event": "payment.succeeded", "object": told}
        await self._answered(http, api, WEBHOOK, 0, body)
        self.notified.append(told["id"])

    async def _consume(self, http: httpx.AsyncClient, api: int, user: int) -> None:
        operation = f"eaten-{uuid4()}"
        await self._answered(
            http, api, f"internal/v1/users/{user}/usage/consume", user, {"operation_id": operation}
        )
        self.counted.setdefault(user, []).append(operation)

    async def _reserve(self, http: httpx.AsyncClient, api: int, user: int) -> None:
        operation = f"held-{uuid4()}"
        await self._answered(
            http, api, f"internal/v1/users/{user}/usage/reserve", user, {"operation_id": operation}
        )
        await self._answered(http, api, f"internal/v1/usage/operations/{operation}/commit", user, {})
        self.counted.setdefault(user, []).append(operation)

    async def _buy(self, http: httpx.AsyncClient, api: int, user: int) -> None:
        key = str(uuid4())
        wanted = {"plan_code": "PRO_MONTHLY"}
        payment = await self._answered(http, api, "api/v1/billing/create-payment/", user, wanted, key)
        self.bought[payment["payment_id"]] = payment["yookassa_payment_id"]
        await http.post(f"{self.sandbox}/_sandbox/payments/{payment['yookassa_payment_id']}/pay", json={})

    async def _answered(
        self, http: httpx.AsyncClient, api: int, path: str, user: int, body: object, key: str | None = None
    ) -> dict[str, Any]:
        """What it says in the end: whoever is told to come again does, with the same words."""
        headers = {"X-User-Id": str(user)} | ({"Idempotency-Key": key} if key else {})
        while True:
            answer = await http.post(f"http://127.0.0.1:{api}/{path}", json=body, headers=headers)
            if answer.status_code in {200, 201}:
                self.wrote_at.setdefault(api, []).append(monotonic())
                told: dict[str, Any] = answer.json()
                return told
            assert answer.status_code in PASSES_BY_ITSELF, f"{path}: {answer.status_code} {answer.text}"
            self.refused += 1
            await asyncio.sleep(0.1)


async def everything_is_settled(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    async with asyncio.timeout(120):
        while await connection.fetchval(OPEN):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.2)
    await connection.close()


async def nothing_is_missing_or_doubled(load: Load, database_url: str) -> None:
    """Every answer, compared with the rows, and the provider's payments with ours."""
    async with httpx.AsyncClient() as http:
        shown = await http.get(f"{load.sandbox}/_sandbox/payments", params={"limit": 1000})
    paid = {one["metadata"][OUR_MARK]: one["id"] for one in shown.json()["results"]}
    assert len(paid) == len(shown.json()["results"])
    assert load.bought == paid
    connection = await asyncpg.connect(database_url)
    try:
        payments = await connection.fetch("SELECT id::text, yookassa_payment_id FROM payments")
        granted = await connection.fetch("SELECT payment_id::text FROM subscription_periods")
        counted = await connection.fetch("SELECT user_id, photo_ai_requests, holds FROM daily_usage")
        remembered = await connection.fetch("SELECT operation_id FROM usage_operations")
        notified = await connection.fetch(
            "SELECT payment_id FROM webhook_logs WHERE payment_id <> ALL($1)", list(paid.values())
        )
    finally:
        await connection.close()
    assert dict(payments) == load.bought
    assert sorted(one for (one,) in granted) == sorted(load.bought)
    assert sorted(one for (one,) in notified) == sorted(load.notified)
    assert {user: used for user, used, _ in counted} == {
        user: len(done) for user, done in load.counted.items()
    }
    assert sorted(one for (one,) in remembered) == sorted(
        one for done in load.counted.values() for one in done
    )
    db = Database(database_url, pool_size=1)
    async with db.engine.connect() as looking:
        assert {rule: found for rule in INVARIANTS if (found := await find_violations(looking, rule))} == {}
    await db.close()
