"""Work that goes on after its request was answered, and that a stopping process waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from billing_service.kit.db import is_unavailable

log = structlog.get_logger()
T = TypeVar("T")


class Background:
    """Keeps its tasks alive, logs the ones that fail, and ends with all of them done or canceled."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if is_unavailable(error):
            log.warning("background.interrupted", error=type(error).__name__)
            return
        log.error("background.failed", exc_info=error)

    async def drain(self, seconds: float) -> None:
        """Wait for what still runs, at most `seconds`, then cancel it: every step of it survives a kill."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
