"""Walk YooKassa's lists and compare every object with ours, also those that are final here."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

import structlog

from billing_service.kit.jobs import enqueue
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls import marks
from billing_service.provider_calls.kinds import Kind, Reported, Row, Seen, Settlement, UnmatchedObject
from billing_service.provider_calls.marks import Mark
from billing_service.provider_calls.unreadable import alarm_not_compared
from billing_service.services import Services
from billing_service.yookassa.schemas import Unreadable

log = structlog.get_logger()

OVERLAP = timedelta(hours=1)
# How much time one step covers: it must end before a stopping worker would be killed. After a step with less than this
# in it, the next one may cover twice as much.
STEP = timedelta(hours=2)
SPARSE = 100
# How long one call may walk, and after how many objects it remembers where it is.
SECONDS = 20
BITE = 100
# What the next walk of the schedule will bring anyway: a step that took its time need not be followed by another.
REST = timedelta(minutes=5)


class Listed(Reported, Protocol):
    """An object of one of the provider's lists."""

    @property
    def created_at(self) -> datetime: ...


InList = TypeVar("InList", bound=Listed)


class Walked(NamedTuple):
    """What was compared in one go: how many objects, and whether it came up to the present."""

    seen: int
    to_now: bool


def _always() -> bool:
    return True


async def enqueue_walk(services: Services, kind: Kind[Row, Seen]) -> None:
    """Let some worker walk, unless one already does or will."""
    async with services.statements.transaction() as tx:
        await enqueue(tx, kind.walk_job, b"", dedupe_key=kind.walk_job)


async def walk_to_now(
    services: Services, kind: Kind[Row, InList], stopping: asyncio.Event, seconds: float = SECONDS
) -> bool:
    """Step by step, until the present.

    False if `stopping` was set or the time was used up before: the next call goes on where this one ended. Raises the
    client's errors.
    """
    step, ends_at = STEP, time.monotonic() + seconds

    def may_go_on() -> bool:
        return not stopping.is_set() and time.monotonic() < ends_at

    while may_go_on():
        walked = await walk(services, kind, step, may_go_on)
        if walked.to_now:
            return True
        step = 2 * step if walked.seen < SPARSE else STEP
    return False


async def walk(
    services: Services,
    kind: Kind[Row, InList],
    step: timedelta = STEP,
    may_go_on: Callable[[], bool] = _always,
) -> Walked:
    """Compare what was created in one step of time since the last walk, and in the hour before it.

    The mark moves only after the last page, but an interrupted step goes on where it was: the list is newest first, and
    what is left of it is remembered bite by bite. Safe to repeat and to run twice. Raises the client's errors; then the
    mark has not moved.
    """
    mark = await marks.get_or_begin(
        services.statements, kind.table, services.settings.shop_id, begin=kind.walk_from
    )
    # A mark from the future was set by a clock that has been put right since.
    since = min(mark.compared_until, mark.now)
    until, left = _what_is_left(mark, since, step)
    seen_in_all = bite = 0
    async for seen in kind.list_created(services.yookassa, since - OVERLAP, left):
        await _compare_or_tell(services, kind, seen)
        seen_in_all, bite = seen_in_all + 1, bite + 1
        # Strictly older, or a crowd in one instant could hold up the walk for good.
        if bite >= BITE and not isinstance(seen, Unreadable) and seen.created_at < left:
            left, bite = seen.created_at, 0
            await marks.set_left(services.statements, mark, step_until=until, left_until=left)
            if not may_go_on():
                return Walked(seen_in_all, to_now=False)
    await marks.set_compared_until(services.statements, mark, until)
    log.info("list.walked", list=kind.table, seen=seen_in_all, until=until.isoformat())
    return Walked(seen_in_all, to_now=mark.now - until < REST)


def _what_is_left(mark: Mark, since: datetime, step: timedelta) -> tuple[datetime, datetime]:
    """Where the step ends, and up to where it is still to be compared."""
    if mark.step_until and mark.left_until and since < mark.step_until <= mark.now:
        return mark.step_until, mark.left_until
    until = min(mark.now, since + step)
    return until, until


async def _compare_or_tell(services: Services, kind: Kind[Row, Seen], seen: Seen | Unreadable) -> None:
    """One object: whatever is wrong with it hides none of the others. Raises if not even that can be told."""
    if isinstance(seen, Unreadable):
        await alarm_not_compared(services, kind, seen.id, because="unreadable")
        return
    try:
        await _compare(services, kind, seen)
    except Exception as error:
        log.exception(kind.event("not_compared"), **{kind.provider_id: seen.id})
        await alarm_not_compared(services, kind, seen.id, because=type(error).__name__)


async def _compare(services: Services, kind: Kind[Row, Seen], seen: Seen) -> None:
    async def compare(tx: Transaction) -> Settlement[Row] | None:
        intent_id = await kind.find(tx, seen, None)
        if intent_id is None or await kind.is_known(tx, intent_id, seen):
            return None
        return await kind.settle(tx, services.settings, intent_id, seen)

    try:
        settlement = await services.statements.turns.take_or_queue(compare)
    except UnmatchedObject:
        async with services.statements.transaction() as tx:
            await kind.on_unmatched(tx, seen)
        return
    if settlement is not None:
        await kind.follow_up(services, settlement, seen)
