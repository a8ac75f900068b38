"""The memory of answers: one operation per idempotence key for 24 hours from the first request."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from billing_service.sandbox.model.errors import internal, long_key, missing_key, reused_key
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import Remembered

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


def recall(yookassa: Yookassa, key: str, asked: str) -> Remembered | None:
    """What was answered under this key, or None when it is new or forgotten. Refuses it for anything else."""
    known = yookassa.state.remembered.get(key)
    if known is None or yookassa.now - known.first_seen >= MEMORY:
        return None
    if known.fingerprint != asked:
        raise reused_key()
    return known


def remember(yookassa: Yookassa, key: str, asked: str, status: int, answer: dict[str, Any]) -> None:
    """Keep this answer, and forget those whose day is over."""
    kept = yookassa.state.remembered
    for old in list(kept):
        if yookassa.now - kept[old].first_seen < MEMORY:
            break
        del kept[old]
    kept[key] = Remembered(fingerprint=asked, status=status, answer=answer, first_seen=yookassa.now)


class Turns:
    """One request at a time under one key: the second waits for the first one's answer, or is told off."""

    def __init__(self, yookassa: Yookassa) -> None:
        self._yookassa = yookassa
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock())
        if lock.locked() and self._yookassa.shop.meanwhile == "error_500":
            raise internal()
        async with lock:
            yield
