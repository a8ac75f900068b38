"""The memory of answers: one operation per idempotence key for 24 hours from the first request."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from billing_service.sandbox.errors import internal, long_key, missing_key, reused_key
from billing_service.sandbox.state import Remembered
from billing_service.sandbox.world import World

MEMORY = timedelta(hours=24)
LONGEST_KEY = 64


def read_key(headers: Mapping[str, str]) -> str:
    key = headers.get("Idempotence-Key", "")
    if not key:
        raise missing_key()
    if len(key) > LONGEST_KEY:
        raise long_key()
    return key


def fingerprint(method: str, path: str, body: dict[str, Any] | None) -> str:
    """The same for the same call and data, in whatever order the keys of the body were written."""
    return hashlib.sha256(json.dumps([method, path, body], sort_keys=True).encode()).hexdigest()


def recall(world: World, key: str, asked: str) -> Remembered | None:
    """What was answered under this key, or None when it is new or forgotten. Refuses it for anything else."""
    known = world.state.remembered.get(key)
    if known is None or world.now - known.first_seen >= MEMORY:
        return None
    if known.fingerprint != asked:
        raise reused_key()
    return known


def remember(world: World, key: str, asked: str, status: int, answer: dict[str, Any]) -> None:
    """Keep this answer, and forget those whose day is over."""
    kept = world.state.remembered
    for old in list(kept):
        if world.now - kept[old].first_seen < MEMORY:
            break
        del kept[old]
    kept[key] = Remembered(fingerprint=asked, status=status, answer=answer, first_seen=world.now)


class Turns:
    """One request at a time under one key: the second waits for the first one's answer, or is told off."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock())
        if lock.locked() and self._world.shop.meanwhile == "error_500":
            raise internal()
        async with lock:
            yield
