"""What a process comes by: each commit, and each call that leaves it. At one of these points it can be made to die.

Nobody lists them: the driver of the database and the HTTP library are asked, in a process of the test's own.
"""

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TypeVar

import asyncpg

import billing_service
from billing_service.kit.http import httpx

SOURCE = Path(billing_service.__file__).parent
# Whose doing it is says the room above these.
UNDER_EVERYBODY = frozenset({"kit", "yookassa", "observability"})
# What writes although it is a statement by itself; of SQL functions, those of usage and of events do.
WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|feature_usage_(?!today)\w+\s*\(|publish_events\s*\()",
    re.IGNORECASE,
)
STATEMENTS = ("execute", "fetch", "fetchrow", "fetchval")
HAS_WRITTEN = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
BEFORE, AFTER = "before", "after"
# Nothing is lost there; it is noted so that every transaction in the source is known to be reached.
READ = "read"
QUEUE = "the queue"
# What several who wait do in one transaction is done in a task of its own, by none of them.
SHARED = "kit/together.py"
T = TypeVar("T")


class Point(NamedTuple):
    """The `nth` time that a process comes by a place: before or after a commit, a call or a delivery."""

    moment: str
    what: str
    place: str
    line: int
    nth: int

    def __str__(self) -> str:
        return f"{self.moment} {self.what} {self.nth} of {self.place}:{self.line}"


class Watch:
    """Writes down each point as the process comes by, and ends the process at `fatal`: as `kill -9` does."""

    def __init__(self, written: int, fatal: Point | None) -> None:
        self._written = written
        self._fatal = fatal
        self._times: Counter[tuple[str, str, str, int]] = Counter()

    def comes_by(self, moment: str, what: str) -> None:
        place = place_of(sys._getframe(1))  # noqa: SLF001 (inspect reads every file on the way)
        if place is None:
            return
        self._times[moment, what, *place] += 1
        point = Point(moment, what, *place, self._times[moment, what, *place])
        os.write(self._written, json.dumps(point).encode() + b"\n")
        if point == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    async def around(self, what: str, doing: Awaitable[T]) -> T:
        self.comes_by(BEFORE, what)
        done = await doing
        self.comes_by(AFTER, what)
        return done


def place_of(frame: FrameType | None) -> tuple[str, int] | None:
    """The innermost line of ours that waits for it, the queue's, or that of who shares a transaction; None for what the
    test itself does."""
    under: tuple[str, int] | None = None
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(SOURCE):
            inside = file.relative_to(SOURCE)
            if inside.parts[0] not in UNDER_EVERYBODY:
                return f"{inside}", frame.f_lineno
            if f"{inside}" == SHARED:
                under = SHARED, frame.f_lineno
        if "pgqueuer" in file.parts:
            under = QUEUE, 0
        frame = frame.f_back
    return under


def mortal(watch: Watch) -> type[asyncpg.Connection]:
    """A connection whose commits are points, also those of a statement by itself."""
    return type("Mortal", (asyncpg.Connection,), {name: _watched(watch, name) for name in STATEMENTS})


def _watched(watch: Watch, name: str) -> Callable[..., Awaitable[object]]:
    method = getattr(asyncpg.Connection, name)

    async def passing(connection: asyncpg.Connection, query: str, *values: object, **more: object) -> object:
        if not query.startswith("COMMIT") and connection.is_in_transaction():
            return await method(connection, query, *values, **more)
        if await _commits(connection, query):
            return await watch.around("commit", method(connection, query, *values, **more))
        watch.comes_by(READ, "transaction")
        return await method(connection, query, *values, **more)

    return passing


async def _commits(connection: asyncpg.Connection, query: str) -> bool:
    """Whether anything becomes lasting by this statement."""
    if query.startswith("COMMIT"):
        return bool(await asyncpg.Connection.fetchval(connection, HAS_WRITTEN))
    return WRITES.search(query) is not None


def put_over(watch: Watch) -> None:
    """From now on whoever connects in this process, to the database or by HTTP, comes by the watch."""
    connect, create_pool, connection_class = asyncpg.connect, asyncpg.create_pool, mortal(watch)
    send = httpx.AsyncHTTPTransport.handle_async_request

    def watched(more: Mapping[str, Any]) -> dict[str, Any]:
        return {**more, "connection_class": connection_class}

    async def answered(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        what = "delivery" if request.headers.get("webhook-id") else "call"
        response: httpx.Response = await watch.around(what, send(transport, request))
        return response

    asyncpg.connect = lambda *args, **more: connect(*args, **watched(more))
    asyncpg.create_pool = lambda *args, **more: create_pool(*args, **watched(more))
    setattr(httpx.AsyncHTTPTransport, "handle_async_request", answered)  # noqa: B010 (mypy knows it as a method)
