"""Asking the service about usage from outside of any event loop, and killing its backends while it answers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self, TypeVar

import asyncpg
import pytest

from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.kit.db import is_unavailable
from billing_service.kit.errors import BillingError
from billing_service.operations.retention import forget_old
from billing_service.services import Services
from billing_service.usage import service as usage
from billing_service.usage import today
from tests.usage.model import Explained, Figures
from tests.usage.standstill import Standstill

T = TypeVar("T")

KILL_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'billing-service'
"""
KILL_WHO_WAITS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE datname = current_database() AND application_name = 'billing-service' AND NOT granted
"""
# Where a call meets its end: before it wrote anything, or between its two tables.
BEFORE = "LOCK TABLE daily_usage IN EXCLUSIVE MODE"
IN_BETWEEN = "LOCK TABLE usage_operations IN SHARE MODE"


async def consume(
    services: Services, user: int, amount: int, name: str | None, feature: str
) -> today.Figures:
    return await usage.consume(services, user, amount, name, feature=feature)


async def reserve(
    services: Services, user: int, amount: int, name: str, ttl: timedelta, feature: str
) -> today.Figures:
    return await usage.reserve(services, user, amount, name, ttl, feature=feature)


async def extend(services: Services, name: str, ttl: timedelta) -> today.Figures:
    return (await usage.extend(services, name, ttl))[0]


async def reset(services: Services, user: int, feature: str) -> today.Figures:
    return await usage.reset(services, user, Deed("dev", "support", "proof", "proof"), feature)


DEEDS: Mapping[str, Callable[..., Awaitable[today.Figures]]] = {
    "consume": consume,
    "reserve": reserve,
    "commit": usage.commit,
    "extend": extend,
    "release": usage.release,
    "get_figures": today.get_figures,
    "reset": reset,
}


@dataclass(frozen=True)
class Call:
    deed: str
    asked: tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    code: str
    figures: Figures | None = None
    retry_after: int | None = None


@dataclass
class Asking:
    """The service's own stories on a real database, in an event loop of their own."""

    runner: asyncio.Runner
    still: Standstill
    services: Services

    @classmethod
    @contextmanager
    def of(cls, settings: Settings, zone: str) -> Iterator[Self]:
        with asyncio.Runner() as runner:
            stack = AsyncExitStack()
            try:
                still = runner.run(stack.enter_async_context(Standstill.reaching(settings)))
                yield cls(runner, still, runner.run(stack.enter_async_context(still.services(zone))))
            finally:
                runner.run(stack.aclose())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    def ask(self, call: Call) -> Answer:
        return self.run(patiently(partial(self._answer, call)))

    async def explain(self, user: int, feature: str) -> tuple[Figures, list[Explained]]:
        shown, listed = await patiently(partial(today.explain, self.services, user, feature))
        figures = Figures(
            shown.plan_code, shown.daily_limit, shown.used, shown.held, shown.resets_at, shown.feature
        )
        return figures, [Explained(one.operation_id, one.state, one.counts, one.ended_at) for one in listed]

    def clean_up(self) -> None:
        self.run(patiently(partial(forget_old, self.services, asyncio.Event())))

    def lose_every_connection(self) -> None:
        self.run(self._lose_every_connection())

    async def _lose_every_connection(self) -> None:
        while await self.still.hand.fetch(KILL_ALL):  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.001)

    def ask_and_be_killed(self, call: Call, where: str) -> Answer | None:
        """None if its backend was killed there; a call that has nothing to do there is answered."""
        return self.run(self._ask_and_be_killed(call, where))

    async def _ask_and_be_killed(self, call: Call, where: str) -> Answer | None:
        hand: asyncpg.Connection = self.still.hand
        async with hand.transaction():
            await hand.execute(where)
            asking = asyncio.create_task(self._answer(call))
            while not asking.done() and not await hand.fetch(KILL_WHO_WAITS):  # noqa: ASYNC110 (another process's doing)
                await asyncio.sleep(0)
            try:
                return await asking
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return None

    async def _answer(self, call: Call) -> Answer:
        try:
            shown = await DEEDS[call.deed](self.services, *call.asked)
        except BillingError as refusal:
            return Answer(refusal.code, _figures_in(refusal.details), refusal.retry_after)
        figures = Figures(
            shown.plan_code, shown.daily_limit, shown.used, shown.held, shown.resets_at, shown.feature
        )
        return Answer("allowed", figures)


async def patiently(deed: Callable[[], Awaitable[T]]) -> T:
    """As a caller does: again when the connection was lost."""
    for _ in range(5):
        try:
            return await deed()
        except Exception as error:
            if not is_unavailable(error):
                raise
    pytest.fail("lost connections are used again and again")


def _figures_in(details: Mapping[str, Any]) -> Figures | None:
    if not details:
        return None
    resets_at = datetime.fromisoformat(details["resets_at"])
    return Figures(
        details["current_plan"],
        details["daily_limit"],
        details["used_today"],
        details["held"],
        resets_at,
        details["feature"],
    )
