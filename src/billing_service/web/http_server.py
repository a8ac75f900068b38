"""What the HTTP server takes from one connection, and from all of them, before any code of ours runs.

uvicorn has none for the head of a request, neither for its size nor for its time, and answers 503 to everybody once
`limit_concurrency` silent connections are open. Here a stranger's connection makes room for the next one instead.
"""

import asyncio
from http import HTTPStatus
from secrets import token_hex

from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from billing_service.kit.errors import BillingError
from billing_service.kit.failures import body_of
from billing_service.kit.wire import json_of
from billing_service.observability.metrics import REGISTRY
from billing_service.web.errors.requests import HeadTooLarge, MalformedRequest

CUT = Counter(
    "billing_connections_cut",
    "Connections ended: head (unreadable or too large), slow (no whole request in time), room (for a newer one).",
    ["bound"],
    registry=REGISTRY,
)
for bound in ("head", "slow", "room"):
    CUT.labels(bound)


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose request has a largest head and a latest moment, and that makes room when all are taken.

    Sizes are bytes, times seconds.
    """

    largest_head = 32 * 1024
    head_seconds = 10.0
    request_seconds = 30.0
    # Well below the 1,024 files that a process may open by default.
    most_connections = 800

    _deadline: asyncio.TimerHandle | None = None
    _since = _head = 0.0
    _in_head = _too_large = False
    _arrived = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._since = self.loop.time()
        self._expect_within(self.head_seconds)
        if len(self.connections) > self.most_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._head > self.largest_head:
            self._refuse(HeadTooLarge())
        elif not self._arrived and self._deadline is None:
            self._expect_within(self.head_seconds if self._in_head else self.request_seconds)

    def on_message_begin(self) -> None:
        self._in_head, self._arrived = True, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._expect_nothing()
        self._in_head, self._head = False, 0
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.largest_head:
            self._too_large = True
            raise ValueError("the head is too large")  # the parser ends, and asks for `send_400_response`
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived, self._head = True, 0
        self._expect_nothing()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words; ours have the house's shape)
        self._refuse(HeadTooLarge() if self._too_large else MalformedRequest())

    def _expect_within(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._cut, "slow")

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _make_room(self) -> None:
        """Whoever has been silent for longest goes; where nobody is silent, the newest, which is this one."""
        silent = [one for one in self.connections if isinstance(one, BoundedProtocol) and one.is_silent]
        min(silent, key=lambda one: one.silent_since, default=self).give_way()

    @property
    def is_silent(self) -> bool:
        """Whether no request of it is being answered."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr] # none yet

    @property
    def silent_since(self) -> float:
        return self._since

    def give_way(self) -> None:
        self._cut("room")

    def _refuse(self, error: BillingError) -> None:
        body = json_of(body_of(error, token_hex(16)))
        head = (
            f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self._cut("head")

    def _cut(self, bound: str) -> None:
        CUT.labels(bound).inc()
        self._expect_nothing()
        self.transport.close()
