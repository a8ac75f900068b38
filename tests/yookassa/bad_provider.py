"""A provider on a real loopback socket that follows a script: one reply for each request, bad ones too."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from billing_service.yookassa.client import YookassaClient

Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

SHOP_ID = "100500"
SECRET_KEY = "test_canary-of-the-secret-key"
KEY = "0b8f0c9a-6a1e-4c55-9c1b-2f6f6f1b7f00"
PAYMENT_ID = "30f5d918-000f-5000-8000-18db351245c7"

PENDING = {
    "id": PAYMENT_ID,
    "status": "pending",
    "paid": False,
    "refundable": False,
    "test": True,
    "amount": {"value": "299.00", "currency": "RUB"},
    "created_at": "2026-01-11T15:44:24.482Z",
    "recipient": {"account_id": SHOP_ID, "gateway_id": "100700"},
    "confirmation": {"type": "redirect", "confirmation_url": "https://yoomoney.ru/checkout?orderId=1"},
    "metadata": {"payment_id": "7"},
}


@dataclass(frozen=True)
class Received:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class BadProvider:
    script: list[Reply]
    received: list[Received] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            self.received.append(await _read_request(reader))
            await self.script.pop(0)(reader, writer)
        writer.close()


@asynccontextmanager
async def talking_to(
    *script: Reply, seconds: float = 5.0, waits: tuple[float, ...] = (0.01, 0.01)
) -> AsyncIterator[tuple[YookassaClient, BadProvider]]:
    provider = BadProvider(list(script))
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v3"
    client = YookassaClient(
        shop_id=SHOP_ID, secret_key=SECRET_KEY, api_url=provider.url, seconds=seconds, waits=waits
    )
    async with server, client:
        yield client, provider


def answer(status: int, body: object = b"", **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def refusal(status: int, code: str, **more: object) -> Reply:
    return answer(status, {"type": "error", "id": f"error-of-{status}", "code": code, **more})


def raw(content: bytes) -> Reply:
    async def reply(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return reply


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Silence until the caller gives up and closes."""
    await reader.read()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, which no timeout between two bytes ever notices."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


HALF_AN_ANSWER = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id": "30f5d918')


async def _read_request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(line, headers, body)
