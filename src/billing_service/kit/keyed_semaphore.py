"""Fairness: one key may keep only so many of a shared resource busy at a time."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class KeyedSemaphore:
    """At most `width` holders of a key at once in this process; the others wait, in order, at most `seconds`."""

    def __init__(self, width: int, seconds: float) -> None:
        self._width = width
        self._seconds = seconds
        self._slots: dict[Hashable, _Slots] = {}

    @asynccontextmanager
    async def slot(self, key: Hashable) -> AsyncIterator[None]:
        """Raises `TimeoutError` if the wait is too long."""
        slots = self._slots.get(key)
        if slots is None:
            slots = self._slots[key] = _Slots(self._width)
        slots.users += 1
        try:
            if slots.free.locked():
                async with asyncio.timeout(self._seconds):
                    await slots.free.acquire()
            else:
                await slots.free.acquire()
            try:
                yield
            finally:
                slots.free.release()
        finally:
            slots.users -= 1
            if not slots.users:
                del self._slots[key]


class _Slots:
    __slots__ = ("free", "users")

    def __init__(self, width: int) -> None:
        self.free = asyncio.Semaphore(width)
        self.users = 0
