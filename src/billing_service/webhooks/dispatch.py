"""Look: a notification only says where; what is true is what the provider answers to our own credentials."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.clock import get_now
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import LOOKS, SETTLED_SECONDS, once_committed
from billing_service.payments import service as payments
from billing_service.payments.capture import capture_held_money
from billing_service.payments.settlement import Settlement, settle
from billing_service.web.dependencies import Services
from billing_service.webhooks import queries
from billing_service.webhooks.models import WebhookLog
from billing_service.yookassa.errors import NotFound, Unauthorized

log = structlog.get_logger()

# A row this young still has its look to come, or has just had it.
LEFT_ALONE_FOR = timedelta(minutes=1)
AT_ONCE = 1000


class LookAgain(Exception):
    """Nothing is decided yet; the job library tries again, later and later."""


@dataclass(frozen=True)
class _Look:
    """What one look found: the settlement if the object is ours, and whether a copy came in while we looked."""

    settlement: Settlement | None
    told_again: bool


async def look(services: Services, log_id: int) -> None:
    """Fetch the object a notification is about, settle it, and close the notification's row, in one block.

    Safe to repeat at any time. Raises `LookAgain` or the client's error while the provider cannot say; then the row
    stays open and the job is tried again.
    """
    async with services.db.begin() as session:
        row = await queries.get_log(session, log_id)
        payment_id = await payments.find_by_yookassa_id(session, row.payment_id) if row else None
    if row is None:
        return
    with (
        structlog.contextvars.bound_contextvars(request_id=row.trace_id, log_id=log_id),
        about_payment(payment_id, row.payment_id),
    ):
        found = await _look_once(services, row)
        while found.told_again or (found.settlement and found.settlement.wants_capture):
            if found.settlement and found.settlement.wants_capture:
                await _take(services, row.payment_id, found.settlement)
            async with services.db.begin() as session:
                row = await queries.get_log(session, log_id) or row
            found = await _look_once(services, row)


async def close_settled(services: Services) -> int:
    """Close the rows whose look came too early: the payment was settled since, by a question of our own or the walk.

    Answers how many. Safe to repeat at any time.
    """
    closed, last = 0, 0
    while True:
        async with services.db.begin() as session:
            waiting = await queries.list_received(
                session, after=last, older_than=LEFT_ALONE_FOR, limit=AT_ONCE
            )
            final = await payments.which_are_final(session, set(waiting.values()))
            settled = [log_id for log_id, yookassa_id in waiting.items() if yookassa_id in final]
            await queries.close_logs(session, settled)
        closed += len(settled)
        if len(waiting) < AT_ONCE:
            return closed
        last = max(waiting)


async def _look_once(services: Services, row: WebhookLog) -> _Look:
    try:
        seen = await services.yookassa.get_payment(row.payment_id)
    except Unauthorized as error:
        raise_alarm(
            Alarm.PROVIDER_REFUSES_OUR_KEY, yookassa_payment_id=row.payment_id, error_id=error.error_id
        )
        raise
    except NotFound:
        async with services.db.begin() as session:
            await _leave_open(session, row.id, "the provider does not know this payment")
        raise LookAgain(row.payment_id) from None
    try:
        async with services.db.begin() as session:
            payment_id = await payments.match(session, seen)
            settlement = await settle(session, payment_id, seen) if payment_id else None
            told_again = await _close(session, row, settlement)
    except payments.StrangeMark:
        async with services.db.begin() as session:
            await payments.alarm_unmatched(session, seen)
            return _Look(None, await _close(session, row, None))
    except payments.UnmatchedObject:
        async with services.db.begin() as session:
            await payments.alarm_unmatched(session, seen)
            await _leave_open(session, row.id, "no payment of ours fits", status="UNMATCHED")
        raise LookAgain(row.payment_id) from None
    return _Look(settlement, told_again)


async def _close(session: AsyncSession, row: WebhookLog, settlement: Settlement | None) -> bool:
    """Write down what the look found. True if a copy arrived meanwhile and this look settled nothing."""
    current = await queries.lock_log(session, row.id)
    current.looks += 1
    current.error_message = None
    was_open = current.processed_at is None
    current.processed_at = await get_now(session)
    if settlement is None:
        current.status = "FOREIGN"
        log.info("webhook.left_alone", yookassa_payment_id=row.payment_id)
    elif settlement.refused_because:
        current.status = "FAILED"
        current.error_message = "contradicts our payment: " + ", ".join(settlement.refused_because)
    elif settlement.is_final:
        current.status = "SUCCESS"
        if was_open:
            age = (current.processed_at - current.created_at).total_seconds()
            once_committed(session, partial(SETTLED_SECONDS.observe, age))
    else:
        current.status = "RECEIVED"
        current.processed_at = None
    once_committed(session, LOOKS.labels(current.status).inc)
    return current.status != "SUCCESS" and current.attempts != row.attempts


async def _leave_open(session: AsyncSession, log_id: int, why: str, *, status: str = "RECEIVED") -> None:
    current = await queries.lock_log(session, log_id)
    current.looks += 1
    current.status, current.error_message = status, why
    once_committed(session, LOOKS.labels(status).inc)


async def _take(services: Services, yookassa_payment_id: str, held: Settlement) -> None:
    if not await capture_held_money(services, held.payment_id, yookassa_payment_id):
        raise LookAgain(yookassa_payment_id)
