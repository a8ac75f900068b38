"""One connection cannot fill the memory, and many silent ones cannot shut the others out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from billing_service.dev.serving import SilentServer
from billing_service.web.http_server import BoundedProtocol

ANSWERED = b"HTTP/1.1 200 OK"
REQUEST = b"GET / HTTP/1.1\r\nhost: billing\r\n\r\n"


class SmallBounds(BoundedProtocol):
    largest_head = 1000
    head_seconds = 0.3
    request_seconds = 0.3
    most_connections = 3


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    if scope["path"] == "/slow":
        await asyncio.sleep(0.6)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = SilentServer(
        uvicorn.Config(
            application, host="127.0.0.1", port=0, http=SmallBounds, lifespan="off", log_config=None
        )
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has nothing to await)
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def first_line(self) -> bytes:
        return (await asyncio.wait_for(self.reader.readline(), 5)).strip()

    async def everything(self) -> bytes:
        """Until the server closes the connection."""
        return await asyncio.wait_for(self.reader.read(), 5)


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()


async def test_a_head_beyond_the_bound_is_refused_in_the_shape_of_the_house(port: int) -> None:
    async with calling(port) as caller:
        await caller.say(b"GET / HTTP/1.1\r\nx-long: " + b"a" * 1200 + b"\r\n\r\n")

        answer = await caller.everything()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["error"]["code"] == "HEAD_TOO_LARGE"


async def test_a_head_that_never_ends_is_refused_before_it_grows(port: int) -> None:
    async with calling(port) as caller:
        await caller.say(b"GET / HTTP/1.1\r\nx-long: " + b"a" * 1200)

        assert (await caller.first_line()).startswith(b"HTTP/1.1 431 ")


async def test_a_head_within_the_bound_in_small_pieces_is_answered(port: int) -> None:
    async with calling(port) as caller:
        for piece in (REQUEST[:10], REQUEST[10:25], REQUEST[25:]):
            await caller.say(piece)
            await asyncio.sleep(0.02)

        assert await caller.first_line() == ANSWERED


async def test_every_request_of_a_connection_has_the_whole_bound(port: int) -> None:
    async with calling(port) as caller:
        for _ in range(3):
            await caller.say(
                b"POST / HTTP/1.1\r\ncontent-length: 2000\r\nx-long: " + b"a" * 600 + b"\r\n\r\n"
            )
            await caller.say(b"b" * 2000)
            assert await caller.first_line() == ANSWERED
            assert await caller.reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HTTP/1.1\r\nhost", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n123"],
    ids=["silent", "half a head", "half a body"],
)
async def test_a_request_that_does_not_arrive_in_time_is_cut(port: int, begun: bytes) -> None:
    async with calling(port) as caller:
        await caller.say(begun)

        assert ANSWERED not in await caller.everything()


async def test_an_answer_may_take_longer_than_a_request(port: int) -> None:
    async with calling(port) as caller:
        await caller.say(b"GET /slow HTTP/1.1\r\nhost: billing\r\n\r\n")

        assert await caller.first_line() == ANSWERED


async def test_what_is_no_http_is_refused_in_the_shape_of_the_house(port: int) -> None:
    async with calling(port) as caller:
        await caller.say(b"hello?\r\n\r\n")

        answer = await caller.everything()

    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "MALFORMED_REQUEST"


async def test_silent_connections_make_room_the_longest_silent_first(port: int) -> None:
    async with calling(port) as first, calling(port) as second, calling(port), calling(port) as newest:
        assert await first.everything() == b""

        await newest.say(REQUEST)
        assert await newest.first_line() == ANSWERED
        await second.say(REQUEST)
        assert await second.first_line() == ANSWERED


async def test_whose_request_is_being_answered_is_not_cut_for_a_newcomer(port: int) -> None:
    async with calling(port) as busy, calling(port), calling(port):
        await busy.say(b"GET /slow HTTP/1.1\r\nhost: billing\r\n\r\n")
        await asyncio.sleep(0.05)
        async with calling(port):
            assert await busy.first_line() == ANSWERED
