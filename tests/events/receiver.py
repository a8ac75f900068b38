"""A receiver on a real port: what the main backend would be, and what it may do to us."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from billing_service.events.delivery import Delivery
from billing_service.events.sender import Sender
from billing_service.services import Services

Json = dict[str, Any]
SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS1ldmVudHMtMzItYnl0ZXMtbG9uZyEh"
NEXT_SECRET = "whsec_" + "bmV4dC1zZWNyZXQtb2YtdGhlLWV2ZW50cy0zMi1ieXRlcyE="


@dataclass
class Says:
    """An answer of the receiver."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


async def _yes(_event: Json) -> Says:
    return Says()


@dataclass
class Receiver:
    """`heard` are the events in the order in which they arrived; `answer` is asked what to say to each."""

    url: str = ""
    secret: str = SECRET
    takes_whatever_comes: bool = False
    answer: Callable[[Json], Awaitable[Says]] = _yes
    heard: list[Json] = field(default_factory=list)
    refused: int = 0
    connections: int = 0
    on_their_way: int = 0
    most_at_once: int = 0

    def heard_of(self, user: int) -> list[int]:
        return [event["user_seq"] for event in self.heard if event["user_id"] == user]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._serve_one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        originals = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        try:
            Webhook(self.secret).verify(body, originals)
        except WebhookVerificationError:
            self.refused += 1
            await _write(writer, Says(200 if self.takes_whatever_comes else 401))
            return
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"]
        self.heard.append(event)
        self.on_their_way += 1
        self.most_at_once = max(self.most_at_once, self.on_their_way)
        try:
            says = await self.answer(event)
        finally:
            self.on_their_way -= 1
        await _write(writer, says)


async def _write(writer: asyncio.StreamWriter, says: Says) -> None:
    more = "".join(f"{name}: {value}\r\n" for name, value in says.headers.items())
    writer.write(
        f"HTTP/1.1 {says.status} -\r\ncontent-length: {len(says.body)}\r\n{more}\r\n".encode() + says.body
    )
    await writer.drain()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/events"
    yield receiver
    server.close()


def told_of(services: Services, receiver: Receiver, *secrets: str, **settings: object) -> Services:
    """The same service, told where its events go."""
    said = {"events_url": receiver.url, "events_secrets": list(secrets or (SECRET,))} | settings
    changed = type(services.settings).model_validate(
        {name: getattr(services.settings, name) for name in type(services.settings).model_fields} | said
    )
    return replace(services, settings=changed)


@asynccontextmanager
async def a_worker(services: Services) -> AsyncIterator[Delivery]:
    """What one worker does for delivery, looked at by hand."""
    sender = Sender.of(services.settings)
    delivery = Delivery(services, sender)
    try:
        yield delivery
    finally:
        await delivery.drain()
        if sender:
            await sender.aclose()


async def deliver(services: Services) -> None:
    """Everything that is due now, until nothing more is."""
    async with a_worker(services) as delivery:
        while await delivery.look() or await delivery.settled():
            pass
