"""An event loop whose clock moves only when nobody can go on without it."""

import asyncio
import contextvars
import selectors
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simulation.scheduler import RUNNING_IN, Process, Turns

# How long an answer may take before it is asked whether a lock is what it waits for.
PATIENCE_SECONDS = 0.02


class Standstill(Exception):
    """Nobody in this world can ever go on."""


class _Selector(selectors.DefaultSelector):
    """Where an event loop waits for the world: the one place that knows when nobody runs."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        turns = self.loop.turns
        if turns is None:
            return super().select(timeout)
        if timeout == 0:
            return super().select(timeout) if turns.are_sent() else []
        while turns.unanswered():
            if answers := super().select(PATIENCE_SECONDS):
                return answers
            turns.find_blocked()
        if turns.give():
            return []
        if timeout is None:
            raise Standstill("nobody has anything left to do")
        self.loop.pass_time(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while everybody sleeps, and then at once. `turns` is set once there are any;
    until then it is like any other."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._ready: deque[asyncio.Handle]
        self.turns: Turns | None = None
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        self.set_task_factory(_begin_task)

    def time(self) -> float:
        return self._passed

    def call_soon(  # type: ignore[override] # whatever it is called with
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 (asyncio's own)
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """As asyncio's own, which asks each time whether it is closed, and whether it is to help in finding faults."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def pass_time(self, seconds: float) -> None:
        self._passed += seconds


def _begin_task(
    loop: asyncio.AbstractEventLoop,
    work: Any,  # noqa: ANN401 (asyncio's own)
    **options: Any,  # noqa: ANN401 (asyncio's own)
) -> "asyncio.Task[Any]":
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
    context: Mapping[contextvars.ContextVar[Any], Any] = options.get("context") or contextvars.copy_context()
    process: Process | None = context.get(RUNNING_IN)
    if process is not None:
        process.tasks[task] = None
        task.add_done_callback(lambda ended: process.tasks.pop(ended, None))
    return task


@contextmanager
def virtual_loop() -> Iterator[VirtualLoop]:
    """The loop of one world."""
    loop = VirtualLoop()
    try:
        yield loop
    finally:
        loop.turns = None
        loop.close()
