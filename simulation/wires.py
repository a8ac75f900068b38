"""The lines between those who live in a world: each call takes its time, and what is lost on the way is counted."""

import asyncio
import contextvars
from random import Random
from typing import TYPE_CHECKING, Any

from billing_service.kit.http import httpx
from simulation.holding import held_now_and_then
from simulation.scheduler import Process

if TYPE_CHECKING:
    from simulation.world import World

# Once in so many answers never reaches who asked.
LOST_TO_BACKEND = 0.01
LOST_TO_NOTIFIER = 0.02
# Seconds on the way to the service, where statements take none: of two calls made at once one is over before the other
# comes, unless both come at the same instant.
ON_THE_WAY = (0.01, 0.04)


class ToService(httpx.AsyncBaseTransport):
    """Whoever calls the service: what was asked of a process that is killed meanwhile has no answer."""

    def __init__(self, world: "World", dice: Random, *, is_notifier: bool = False) -> None:
        self._world, self._dice, self._is_notifier = world, dice, is_notifier
        self._inner = httpx.ASGITransport(app=world.app, client=("127.0.0.1", 40000))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._dice.choice(ON_THE_WAY))
        process = self._world.api
        if process.is_dead:
            raise httpx.ConnectError("nobody listens")
        response = await _answer_of(process, self._inner, request)
        if request.method != "GET":
            self._world.work.set()
        await self._lose_now_and_then()
        return response

    async def _lose_now_and_then(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.005, 0.05))
        chance = LOST_TO_NOTIFIER if self._is_notifier else LOST_TO_BACKEND
        if not self._world.calm and self._dice.random() < chance:
            self._world.witness.note(
                "fault: answer to the provider lost" if self._is_notifier else "fault: answer lost"
            )
            raise httpx.ReadError("the answer was lost")


async def _answer_of(process: Process, inner: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
    task = process.start(inner.handle_async_request(request))
    await asyncio.wait({task})
    if process.is_dead or task.cancelled():
        raise httpx.ReadError("the process is gone")
    return task.result()


class ToProvider(httpx.AsyncBaseTransport):
    """The service calls YooKassa: what has left arrives, and is done there, whatever becomes of the caller."""

    def __init__(self, world: "World", dice: Random) -> None:
        self._world, self._dice = world, dice
        self._inner = httpx.ASGITransport(app=world.sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # The sandbox makes a line of its log at this instant; the wait is for the answer.
        call = asyncio.get_running_loop().create_task(
            self._inner.handle_async_request(held_now_and_then(self._world, request)),
            context=contextvars.Context(),
        )
        call.add_done_callback(_look_at)
        await asyncio.wait({call})
        await asyncio.sleep(self._dice.uniform(0.05, 0.6))
        return call.result()


def _look_at(call: "asyncio.Task[Any]") -> None:
    """A failure that nobody is there to hear is none of the world's."""
    if not call.cancelled():
        call.exception()
