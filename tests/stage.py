"""Who plays in a test: the main backend, the payer and the provider's staff, the clock, the worker."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple, Self
from uuid import uuid4
from weakref import WeakKeyDictionary

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.types import QueueExecutionMode
from starlette.types import ASGIApp, Receive, Scope, Send

from billing_service import worker
from billing_service.app import create_app
from billing_service.config import DEV_EVENTS_SECRET, DEV_TOKEN
from billing_service.kit import clock as billing_clock
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient

GOOD_CARD = "5555555555554444"
POOR_CARD = "5555555555554600"
USER = 1001
# What an installation says that renews subscriptions; nobody listens there.
RENEWING = {
    "BILLING_RECURRING_ENABLED": "true",
    "EVENTS_URL": "http://localhost:9/events",
    "EVENTS_SECRETS": DEV_EVENTS_SECRET,
}


def in_process(app: ASGIApp, peer: str = "127.0.0.1") -> httpx.ASGITransport:
    return httpx.ASGITransport(app=app, client=(peer, 40000))


class WebApp:
    """An ASGI application that is set later."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def that_renews(services: Services) -> Services:
    """The same service where renewals are on."""
    settings = services.settings.model_copy(update={"billing_recurring_enabled": True})
    return replace(services, settings=settings)


@dataclass
class Clock:
    """Turns the database's clock, for every process that reads it."""

    database: Database

    async def advance(self, **by: float) -> None:
        async with self.database.engine.begin() as connection:
            await billing_clock.turn(connection, timedelta(**by))


async def noon(database: Database, clock: Clock) -> date:
    """Let it become noon where days end, so that no midnight comes in between; the day of it."""
    here = "billing_now() AT TIME ZONE 'Europe/Moscow'"
    async with database.engine.connect() as connection:
        hours = await connection.exec_driver_sql(f"SELECT mod(36 - extract(hour FROM {here}), 24)")  # noqa: S608
        await clock.advance(hours=float(hours.scalar_one()))
    async with database.engine.connect() as connection:
        day: date = (await connection.exec_driver_sql(f"SELECT ({here})::date")).scalar_one()
        return day


@dataclass
class MainBackend:
    """Calls us with the dev token, for a user."""

    http: httpx.AsyncClient
    transport_to: ASGIApp

    @classmethod
    @asynccontextmanager
    async def calling(cls, app: ASGIApp) -> AsyncIterator[Self]:
        headers = {"Authorization": f"Bearer {DEV_TOKEN}"}
        async with httpx.AsyncClient(
            transport=in_process(app), base_url="http://billing", headers=headers
        ) as http:
            yield cls(http, app)

    async def get(self, path: str, user: int = USER) -> httpx.Response:
        return await self.http.get(f"/api/v1/billing/{path}", headers={"X-User-Id": str(user)})

    async def post(self, path: str, body: object, user: int = USER, **headers: str) -> httpx.Response:
        named = {"X-User-Id": str(user)} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/api/v1/billing/{path}", json=body, headers=named)

    async def buy(self, plan: str = "PRO_MONTHLY", user: int = USER, **headers: str) -> dict[str, Any]:
        response = await self.post("create-payment/", {"plan_code": plan}, user, **headers)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    async def me(self, user: int = USER) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.get("me/", user)).json()
        return shown

    async def payment(self, payment_id: str, user: int = USER) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.get(f"payments/{payment_id}/", user)).json()
        return shown

    async def internal(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """A call to /internal/v1; these paths name the user themselves."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, f"/internal/v1/{path}", json=body, headers=named)

    async def refund(
        self, payment: dict[str, Any], amount: str | None = None, *, key: str | None = None, **more: object
    ) -> httpx.Response:
        """An operator sends money back: everything that is left, or a part."""
        body = {"reason": "so it was agreed", "author": "support: desk 2"} | more
        return await self.internal(
            "POST",
            f"payments/{payment['payment_id']}/refunds",
            body if amount is None else body | {"amount": amount},
            Idempotency_Key=key or uuid4().hex,
        )

    async def consume(self, user: int = USER, **body: object) -> httpx.Response:
        return await self.internal("POST", f"users/{user}/usage/consume", body)

    async def reserve(self, operation_id: str, user: int = USER, **body: object) -> httpx.Response:
        asked = {"operation_id": operation_id} | body
        return await self.internal("POST", f"users/{user}/usage/reserve", asked)

    async def commit(self, operation_id: str, amount: int | None = None) -> httpx.Response:
        body = None if amount is None else {"amount": amount}
        return await self.internal("POST", f"usage/operations/{operation_id}/commit", body)

    async def extend(self, operation_id: str, seconds: int) -> httpx.Response:
        asked = {"ttl_seconds": seconds}
        return await self.internal("POST", f"usage/operations/{operation_id}/extend", asked)

    async def release(self, operation_id: str) -> httpx.Response:
        return await self.internal("POST", f"usage/operations/{operation_id}/release")

    async def notify(self, body: object, *, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
        """What anybody can post at the webhook from `peer`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(
            transport=in_process(self.transport_to, peer), base_url="http://billing", headers=named
        ) as stranger:
            if isinstance(body, bytes):
                return await stranger.post("/api/v1/billing/webhooks/yookassa", content=body)
            return await stranger.post("/api/v1/billing/webhooks/yookassa", json=body)


@dataclass
class BackOffice:
    """The sandbox's control API."""

    http: httpx.AsyncClient
    sandbox: Sandbox

    @classmethod
    @asynccontextmanager
    async def of(cls, sandbox: Sandbox) -> AsyncIterator[Self]:
        async with httpx.AsyncClient(
            transport=in_process(sandbox.app), base_url="http://sandbox/_sandbox"
        ) as http:
            yield cls(http, sandbox)

    async def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 (JSON)
        response = await self.http.request(method, path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def payments(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.call("GET", "/payments?limit=1000"))["results"]
        return listed

    async def pay(self, payment: dict[str, Any], card: str | None = None) -> None:
        await self.call(
            "POST", f"/payments/{payment['yookassa_payment_id']}/pay", {"card": card} if card else {}
        )
        await self.sandbox.delivered()

    async def decline(self, payment: dict[str, Any], reason: str) -> None:
        await self.call("POST", f"/payments/{payment['yookassa_payment_id']}/decline", {"reason": reason})
        await self.sandbox.delivered()

    async def refund(self, payment: dict[str, Any], amount: str | None = None) -> dict[str, Any]:
        """Somebody at the shop sends money back in the provider's cabinet: everything that is left, or a part."""
        money = {"amount": {"value": amount, "currency": "RUB"}} if amount else {}
        path = f"/payments/{payment['yookassa_payment_id']}/refund"
        refund: dict[str, Any] = await self.call("POST", path, money)
        await self.sandbox.delivered()
        return refund

    async def refunded(self) -> dict[str, str]:
        """What the provider says has gone back: its payment -> roubles."""
        return {
            one["id"]: one.get("refunded_amount", {"value": "0.00"})["value"] for one in await self.payments()
        }

    async def claim(self, payment: dict[str, Any], event: str) -> None:
        """A notification that claims `event`, whatever the payment's real state."""
        await self.call("POST", f"/payments/{payment['yookassa_payment_id']}/notify", {"event": event})
        await self.sandbox.delivered()

    async def misreport(self, payment: dict[str, Any], **facts: object) -> None:
        await self.call("PATCH", f"/payments/{payment['yookassa_payment_id']}", facts)

    async def creations(self, operation: str = "create_payment") -> list[dict[str, Any]]:
        """Every POST /payments, or other request of one kind, that the sandbox received."""
        requests: list[dict[str, Any]] = (await self.call("GET", "/requests?limit=1000"))["results"]
        return [one for one in requests if one["operation"] == operation]


@asynccontextmanager
async def api_with_a_rotated_key(services: Services, office: BackOffice) -> AsyncIterator[MainBackend]:
    """The service after somebody rotated the shop's key and did not tell it: the provider answers 401."""
    settings = services.settings
    client = YookassaClient(
        shop_id=settings.shop_id,
        secret_key="test_rotated",
        api_url=settings.yookassa_api_url,
        transport=in_process(office.sandbox.app),
    )
    async with (
        client,
        MainBackend.calling(create_app(settings, replace(services, yookassa=client))) as backend,
    ):
        yield backend


async def work_off(services: Services) -> None:
    """Run every job, as a worker would, until none is left; a job that keeps failing is an error of the test."""
    queue = PgQueuer.from_asyncpg_pool(await _pool_of_workers(services.settings.database_url))
    # Fifteen questions about the library's tables, which were answered when the pool was made.
    setattr(queue.qm, "verify_structure", _as_it_was)  # noqa: B010 (mypy knows it as a method)
    worker.register_jobs(queue, services)
    async with asyncio.timeout(40):
        await queue.qm.run(mode=QueueExecutionMode.drain, dequeue_timeout=timedelta(seconds=0.005))


async def _as_it_was() -> None:
    pass


class _Kept(NamedTuple):
    pool: asyncpg.Pool
    until: AsyncGenerator[asyncpg.Pool]


class _Pools(NamedTuple):
    """By the address of the database; two who work off at once make one, under the lock."""

    making: asyncio.Lock
    made: dict[str, _Kept]


# A test's loop -> the pools of whoever works off in it: to connect anew takes longer than most of what there is to do.
_POOLS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pools] = WeakKeyDictionary()


async def _pool_of_workers(database_url: str) -> asyncpg.Pool:
    making, made = _POOLS.setdefault(asyncio.get_running_loop(), _Pools(asyncio.Lock(), {}))
    async with making:
        if database_url not in made:
            until = _pool_until_the_loop_ends(database_url)
            made[database_url] = _Kept(await anext(until), until)
    return made[database_url].pool


async def _pool_until_the_loop_ends(database_url: str) -> AsyncGenerator[asyncpg.Pool]:
    """A loop that is closed ends the generators that it began."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=10) as pool:
        await PgQueuer.from_asyncpg_pool(pool).qm.verify_structure()
        yield pool


async def buy_and_pay(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    plan: str = "PRO_MONTHLY",
    *,
    user: int = USER,
    **headers: str,
) -> dict[str, Any]:
    """A plan is bought and paid, its days are granted; what the purchase was answered."""
    payment = await api.buy(plan, user, **headers)
    await office.pay(payment)
    await work_off(services)
    return payment
