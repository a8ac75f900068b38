"""Walk YooKassa's list of payments and compare every one with ours, also those that are final here."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from billing_service.kit.clock import get_now
from billing_service.kit.jobs import enqueue
from billing_service.payments import queries
from billing_service.payments.capture import capture_held_money
from billing_service.payments.comparison import differences
from billing_service.payments.models import ListWalk, Payment
from billing_service.payments.service import UnmatchedObject, alarm_not_compared, alarm_unmatched, match
from billing_service.payments.settlement import settle
from billing_service.web.dependencies import Services
from billing_service.yookassa import schemas as yookassa

log = structlog.get_logger()

WALK = "payments.walk"
LIST = "payments"
OVERLAP = timedelta(hours=1)
# How far back the very first walk goes, and how much time one step covers: it must end before a stopping worker would
# be killed. After a step with less than this in it, the next one may cover twice as much.
FIRST_REACH = timedelta(days=1)
STEP = timedelta(hours=2)
SPARSE = 100
# How long one call may walk, and after how many objects it remembers where it is.
SECONDS = 20
BITE = 100
# What the next walk of the schedule will bring anyway: a step that took its time need not be followed by another.
REST = timedelta(minutes=5)


class Walked(NamedTuple):
    """What was compared in one go: how many objects, and whether it came up to the present."""

    seen: int
    to_now: bool


def _always() -> bool:
    return True


async def enqueue_walk(services: Services) -> None:
    """Let some worker walk, unless one already does or will."""
    async with services.db.begin() as session:
        await enqueue(session, WALK, b"", dedupe_key=WALK)


async def walk_to_now(services: Services, stopping: asyncio.Event, seconds: float = SECONDS) -> bool:
    """Step by step, until the present.

    False if `stopping` was set or the time was used up before: the next call goes on where this one ended. Raises the
    client's errors.
    """
    step, ends_at = STEP, time.monotonic() + seconds

    def may_go_on() -> bool:
        return not stopping.is_set() and time.monotonic() < ends_at

    while may_go_on():
        walked = await walk(services, step, may_go_on)
        if walked.to_now:
            return True
        step = 2 * step if walked.seen < SPARSE else STEP
    return False


async def walk(services: Services, step: timedelta = STEP, may_go_on: Callable[[], bool] = _always) -> Walked:
    """Compare what was created in one step of time since the last walk, and in the hour before it.

    The mark moves only after the last page, but an interrupted step goes on where it was: the list is newest first, and
    what is left of it is remembered bite by bite. Safe to repeat and to run twice. Raises the client's errors; then the
    mark has not moved.
    """
    async with services.db.begin() as session:
        now = await get_now(session)
        mark = await queries.get_or_begin_walk(session, LIST, services.settings.shop_id, reach=FIRST_REACH)
    # A mark from the future was set by a clock that has been put right since.
    since = min(mark.compared_until, now)
    until, left = _what_is_left(mark, since, now, step)
    seen_in_all = bite = 0
    async for seen in services.yookassa.list_payments(created_from=since - OVERLAP, created_to=left):
        await _compare_or_tell(services, seen)
        seen_in_all, bite = seen_in_all + 1, bite + 1
        # Strictly older, or a crowd in one instant could hold up the walk for good.
        if bite >= BITE and isinstance(seen, yookassa.Payment) and seen.created_at < left:
            left, bite = seen.created_at, 0
            async with services.db.begin() as session:
                await queries.set_left(session, mark, step_until=until, left_until=left)
            if not may_go_on():
                return Walked(seen_in_all, to_now=False)
    async with services.db.begin() as session:
        await queries.set_compared_until(session, mark, until)
    log.info("payments.walked", seen=seen_in_all, until=until.isoformat())
    return Walked(seen_in_all, to_now=now - until < REST)


def _what_is_left(
    mark: ListWalk, since: datetime, now: datetime, step: timedelta
) -> tuple[datetime, datetime]:
    """Where the step ends, and up to where it is still to be compared."""
    if mark.step_until and mark.left_until and since < mark.step_until <= now:
        return mark.step_until, mark.left_until
    until = min(now, since + step)
    return until, until


async def _compare_or_tell(services: Services, seen: yookassa.Payment | yookassa.Unreadable) -> None:
    """One object: whatever is wrong with it hides none of the others. Raises if not even that can be told."""
    if isinstance(seen, yookassa.Unreadable):
        async with services.db.begin() as session:
            await alarm_not_compared(session, seen.id, because="unreadable")
        return
    try:
        await _compare(services, seen)
    except Exception as error:
        log.exception("payments.not_compared", yookassa_payment_id=seen.id)
        async with services.db.begin() as session:
            await alarm_not_compared(session, seen.id, because=type(error).__name__)


async def _compare(services: Services, seen: yookassa.Payment) -> None:
    try:
        async with services.db.begin() as session:
            payment_id = await match(session, seen)
            if payment_id is None:
                return
            payment = await queries.get_payment(session, payment_id)
            if payment and _is_known(payment, seen):
                return
            settlement = await settle(session, payment_id, seen)
    except UnmatchedObject:
        async with services.db.begin() as session:
            await alarm_unmatched(session, seen)
        return
    if settlement.wants_capture:
        await capture_held_money(services, payment_id, seen.id)


def _is_known(payment: Payment, seen: yookassa.Payment) -> bool:
    """Whether settling it would bring nothing new. A payment in doubt that the provider turns out to have is news."""
    same = payment.yookassa_payment_id == seen.id and payment.status == seen.status.upper()
    return same and not differences(payment, seen)
