"""Several servers in one asyncio process: each runs as long as its block, and one that fails ends them all."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from socket import socket

import uvicorn

from billing_service.dev.errors import CannotStart

# Longer than what uvicorn gives open connections, short for a person who waits after Ctrl-C.
_PATIENCE = 8


class SilentServer(uvicorn.Server):
    """uvicorn without its own answer to signals: several servers of one process stop in an order of ours."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    name: str, config: uvicorn.Config, listener: socket, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Serve on the socket until the end of the block. Raises `CannotStart` when the application does not start."""
    server = SilentServer(config)
    async with running(name, server.serve(sockets=[listener]), stop):
        while not server.started and not stop.is_set():  # noqa: ASYNC110 (uvicorn has nothing to await)
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True


@asynccontextmanager
async def running(name: str, work: Coroutine[None, None, None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Run the work beside the block, wait for its end after it. An end before `stop` sets `stop` and is a failure."""
    task = asyncio.create_task(_until(stop, name, work), name=name)
    task.add_done_callback(lambda _: stop.set())
    try:
        yield
    except BaseException:
        stop.set()  # it ends because of this error, which is the one to be told
        raise
    finally:
        await asyncio.wait({task}, timeout=_PATIENCE)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until(stop: asyncio.Event, name: str, work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except SystemExit:  # how uvicorn says that an application did not start; it has logged why
        raise CannotStart(f"the {name} did not start: see above") from None
    if not stop.is_set():
        raise CannotStart(f"the {name} ended by itself: see above")
