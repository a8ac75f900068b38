"""At most so many in any span of so long, exact across processes; without Redis, exact within each."""

import asyncio
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

UNITS = {"s": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400}
WRITTEN = re.compile(rf"([1-9][0-9]{{0,6}})/([1-9][0-9]{{0,3}})?({'|'.join(UNITS)})")

# Redis that does not answer within this is as good as down.
PATIENCE_SECONDS = 0.5
# How long nobody asks again; then one caller does, while the others go on without it.
LEAVE_ALONE_SECONDS = 1.0
WARN_EVERY_SECONDS = 60.0
# A flood from many addresses must not fill the memory: the ones seen longest ago are forgotten.
KEYS_REMEMBERED = 20_000


class Rate(NamedTuple):
    """At most `limit` in any span of `seconds`."""

    limit: int
    seconds: int


def parse_rate(text: object) -> object:
    """`20/hour`, `120/min`, `5/2s`. Raises `ValueError` for any other text."""
    if not isinstance(text, str):
        return text
    written = WRITTEN.fullmatch(text.replace(" ", ""))
    if written is None:
        raise ValueError(f"a rate is written like 20/hour or 5/2s; the units are {', '.join(UNITS)}")
    limit, times, unit = written.groups()
    return Rate(int(limit), int(times or 1) * UNITS[unit])


class Verdict(NamedTuple):
    """`frees_in`: the seconds until a place that is taken now becomes free. `shared`: all processes counted."""

    allowed: bool
    remaining: int
    frees_in: float
    shared: bool


class Window(Protocol):
    """Counts for all processes; any `RedisError`, `OSError` or `TimeoutError` means that it cannot now."""

    async def take(self, key: str, rate: Rate) -> Verdict:
        """Take a place if there is one. What is refused is not counted."""


class OwnWindow:
    """What this process has admitted itself."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, key: str, rate: Rate) -> Verdict:
        """The same decision as the shared window's, for one process."""
        taken = self._recent(key, rate)
        allowed = len(taken) < rate.limit
        if allowed:
            taken.append(self._now())
        frees_in = taken[0] + rate.seconds - self._now()
        return Verdict(allowed, rate.limit - len(taken), frees_in, shared=False)

    def give_back(self, key: str, rate: Rate) -> None:
        """Undo one `take`, because all processes together had no place left."""
        if taken := self._recent(key, rate):
            taken.pop()

    def _recent(self, key: str, rate: Rate) -> deque[float]:
        taken = self._taken.setdefault(key, deque())
        self._taken.move_to_end(key)
        while taken and taken[0] <= self._now() - rate.seconds:
            taken.popleft()
        if len(self._taken) > KEYS_REMEMBERED:
            self._taken.popitem(last=False)
        return taken


@dataclass
class Limiter:
    """Counts in the shared window, and in this process while that is out of reach. Never fails, never waits long."""

    shared: Window
    now: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._own = OwnWindow(self.now)
        self._is_lost = self._is_told = False
        self._left_alone_until = self._warned_at = float("-inf")

    async def take(self, key: str, rate: Rate) -> Verdict:
        """Take a place under `key`, which means the same rate every time. What is refused is not counted.

        The place is taken here first, so that however an answer is lost this process never admits more than the limit.
        """
        own = self._own.take(key, rate)
        if not own.allowed:
            return own._replace(shared=not self._is_lost)
        if not self._may_ask():
            return own
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                verdict = await self.shared.take(key, rate)
        except (RedisError, OSError, TimeoutError) as error:
            self._lose(error)
            return own
        self._find()
        if not verdict.allowed:
            self._own.give_back(key, rate)
        return verdict

    def _may_ask(self) -> bool:
        if self.now() < self._left_alone_until:
            return False
        if self._is_lost:
            self._left_alone_until = self.now() + LEAVE_ALONE_SECONDS
        return True

    def _lose(self, error: Exception) -> None:
        self._is_lost = True
        self._left_alone_until = self.now() + LEAVE_ALONE_SECONDS
        if self.now() - self._warned_at >= WARN_EVERY_SECONDS:
            self._warned_at = self.now()
            self._is_told = True
            log.warning("redis.lost", error=type(error).__name__, counting="in this process only")

    def _find(self) -> None:
        if self._is_told:
            log.info("redis.found")
        self._is_lost = self._is_told = False
        self._left_alone_until = float("-inf")
