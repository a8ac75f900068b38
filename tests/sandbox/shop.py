"""A small shop for the sandbox's tests: what it asks of the API, of the control API and of the pages."""

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any, Self

import httpx2 as httpx
import orjson
from starlette.types import Receive, Scope, Send

from billing_service.sandbox.app import Sandbox

Json = dict[str, Any]
NOON = datetime(2026, 1, 11, 12, tzinfo=UTC)
BACK = "https://shop.example/back?o=A17"


def a_request(**changes: object) -> Json:
    """A one-stage payment of 299 roubles on the hosted page."""
    body: Json = {
        "amount": {"value": "299.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": BACK},
        "description": "Plan M, January",
        "metadata": {"order": "A17"},
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


class Listener:
    """Where the shop hears notifications: an ASGI application that answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.status = 200
        self.headers: list[dict[str, str]] = []
        self._news = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.heard.append(orjson.loads(body))
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        async with self._news:
            self._news.notify_all()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"whatever"})

    async def heard_at_least(self, number: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.heard) >= number)

    @property
    def events(self) -> list[str]:
        return [message["event"] for message in self.heard]


class Shop:
    """`post` and `get` speak to /v3 with the shop's credentials and a new key per call unless one is given."""

    def __init__(self, sandbox: Sandbox) -> None:
        transport = httpx.ASGITransport(app=sandbox.app)
        self.api = httpx.AsyncClient(
            transport=transport, base_url="http://sandbox/v3", auth=("100500", "test_sandbox")
        )
        self.control = httpx.AsyncClient(transport=transport, base_url="http://sandbox/_sandbox")
        self.browser = httpx.AsyncClient(transport=transport, base_url="http://sandbox")
        self._keys = (f"key-{number}" for number in itertools.count(1))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in (self.api, self.control, self.browser):
            await client.aclose()

    async def post(self, path: str, body: Json | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Idempotence-Key": key or next(self._keys)}
        return await self.api.post(path, json=body, headers=headers)

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.api.get(path, params=query)

    async def a_payment(self, **changes: object) -> Json:
        """A payment just created."""
        response = await self.post("/payments", a_request(**changes))
        assert response.status_code == 200, response.text
        return _json(response)

    async def payment(self, payment_id: str) -> Json:
        return _json(await self.get(f"/payments/{payment_id}"))

    async def order(self, path: str, **order: object) -> Json:
        """An order to the control API."""
        response = await self.control.post(path, json=order)
        assert response.status_code == 200, response.text
        return _json(response)

    async def look(self, path: str) -> Json:
        response = await self.control.get(path)
        assert response.status_code == 200, response.text
        return _json(response)

    async def pay(self, payment: Json, **order: object) -> Json:
        return await self.order(f"/payments/{payment['id']}/pay", **order)

    async def change_shop(self, **flags: object) -> None:
        assert (await self.control.put("/shop", json=flags)).status_code == 200

    async def spoil(self, *rules: Json) -> None:
        response = await self.control.put("/faults", json=list(rules))
        assert response.status_code == 200, response.text

    async def wait(self, **span: float) -> None:
        """Let simulated time pass: hours=1, days=7."""
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
        seconds = sum(units[unit] * number for unit, number in span.items())
        await self.order("/clock", advance_seconds=seconds)


def _json(response: httpx.Response) -> Json:
    body: Json = response.json()
    return body
