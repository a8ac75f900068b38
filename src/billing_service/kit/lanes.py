"""Fairness: one key may keep only so many of a shared resource busy at a time."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Lanes:
    """At most `width` holders of a key at once in this process; the others wait, in order, at most `seconds`."""

    def __init__(self, width: int, seconds: float) -> None:
        self._width = width
        self._seconds = seconds
        self._lanes: dict[Hashable, _Lane] = {}

    @asynccontextmanager
    async def one_of(self, key: Hashable) -> AsyncIterator[None]:
        """Raises `TimeoutError` if the wait is too long."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self._width)
        lane.users += 1
        try:
            if lane.free.locked():
                async with asyncio.timeout(self._seconds):
                    await lane.free.acquire()
            else:
                await lane.free.acquire()
            try:
                yield
            finally:
                lane.free.release()
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[key]


class _Lane:
    __slots__ = ("free", "users")

    def __init__(self, width: int) -> None:
        self.free = asyncio.Semaphore(width)
        self.users = 0
