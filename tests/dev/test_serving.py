"""Several servers in one process: one that fails takes the others along, and says which it was."""

import asyncio
import socket

import pytest
import uvicorn
from starlette.applications import Starlette

from billing_service.dev.errors import CannotStart
from billing_service.dev.serving import running, serving


class Refusing:
    """The life of an application that does not begin."""

    def __init__(self, _app: Starlette) -> None:
        pass

    async def __aenter__(self) -> None:
        raise RuntimeError("not today")

    async def __aexit__(self, *_: object) -> None:
        pass


async def test_an_application_that_does_not_start_is_named() -> None:
    stop = asyncio.Event()
    config = uvicorn.Config(Starlette(lifespan=Refusing), lifespan="on", log_config=None)

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(CannotStart, match="the API did not start"),
    ):
        async with serving("API", config, listener, stop):
            await stop.wait()


async def test_work_that_ends_by_itself_stops_the_rest_and_is_named() -> None:
    stop = asyncio.Event()

    with pytest.raises(CannotStart, match="the worker ended by itself"):
        async with running("worker", asyncio.sleep(0), stop):
            await stop.wait()


async def test_work_that_ends_when_asked_is_no_failure() -> None:
    stop = asyncio.Event()

    async with running("worker", work_until(stop), stop):
        stop.set()


async def work_until(stop: asyncio.Event) -> None:
    await stop.wait()


async def test_an_application_answers_inside_the_block_and_no_longer_after_it() -> None:
    stop = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    async with serving("API", uvicorn.Config(Starlette(), log_config=None), listener, stop):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 404")
        writer.close()
        stop.set()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_an_error_of_the_block_is_told_and_not_that_its_server_ended() -> None:
    stop = asyncio.Event()
    config = uvicorn.Config(Starlette(), log_config=None)

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(LookupError, match="what really happened"),
    ):
        async with serving("API", config, listener, stop):
            raise LookupError("what really happened")
