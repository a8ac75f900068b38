"""The memory of answers: one operation per idempotence key for 24 hours from the first request."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from billing_service.sandbox.errors import long_key, missing_key, reused_key
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


def remember(world: World, key: str, asked: str, answer: dict[str, Any]) -> None:
    """Only successes are kept: a refused request did nothing that a repeat could do twice."""
    kept = world.state.remembered
    kept[key] = Remembered(fingerprint=asked, answer=answer, first_seen=world.now)
    for old in [key for key, known in kept.items() if world.now - known.first_seen >= MEMORY]:
        del kept[old]


class Turns:
    """One request at a time under one key: the second waits for the first one's answer."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str | None) -> AsyncIterator[None]:
        if key is None:
            yield
            return
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            yield
