"""Walk YooKassa's list of payments and compare every one with ours, also those that are final here."""

import asyncio
from datetime import timedelta
from typing import NamedTuple

import structlog

from billing_service.kit.clock import get_now
from billing_service.kit.jobs import enqueue
from billing_service.payments import queries
from billing_service.payments.capture import capture_held_money
from billing_service.payments.comparison import differences
from billing_service.payments.models import Payment
from billing_service.payments.service import UnmatchedObject, alarm_unmatched, match
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


class Walked(NamedTuple):
    """One step: how many objects it compared, and whether it came up to the present."""

    seen: int
    to_now: bool


async def enqueue_walk(services: Services) -> None:
    """Let some worker walk, unless one already does or will."""
    async with services.db.begin() as session:
        await enqueue(session, WALK, b"", dedupe_key=WALK)


async def walk_to_now(services: Services, stopping: asyncio.Event) -> None:
    """Step by step, until the present or until `stopping` is set. Raises the client's errors."""
    step = STEP
    while not stopping.is_set():
        walked = await walk(services, step)
        if walked.to_now:
            return
        step = 2 * step if walked.seen < SPARSE else STEP


async def walk(services: Services, step: timedelta = STEP) -> Walked:
    """Compare what was created in one step of time since the last walk, and in the hour before it.

    The mark moves only after the last page, so an interrupted step is walked again. Safe to repeat and to run twice.
    Raises the client's errors; then the mark has not moved.
    """
    shop_id = services.settings.shop_id
    async with services.db.begin() as session:
        now = await get_now(session)
        mark = await queries.get_compared_until(session, LIST, shop_id)
    # A mark from the future was set by a clock that has been put right since.
    since = now - FIRST_REACH if mark is None else min(mark, now)
    until = min(now, since + step)
    seen_in_all = 0
    async for seen in services.yookassa.list_payments(created_from=since - OVERLAP, created_to=until):
        seen_in_all += 1
        await _compare(services, seen)
    async with services.db.begin() as session:
        await queries.set_compared_until(session, LIST, shop_id, until)
    log.info("payments.walked", seen=seen_in_all, until=until.isoformat())
    return Walked(seen_in_all, until == now)


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
