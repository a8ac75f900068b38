"""Nothing stays in doubt: every open payment is asked about, on a schedule, until its outcome is known.

A payment the provider has is asked about by its id. One whose creation is in doubt is posted again with the same key
and bytes while that is safe; after that only the provider's lists decide: absent in two full passes an hour apart means
that it was never created.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.clock import get_now
from billing_service.kit.jobs import enqueue
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import PAYMENTS, once_committed
from billing_service.payments import queries
from billing_service.payments.capture import capture_held_money
from billing_service.payments.doubt import tell_doubt_ended
from billing_service.payments.ladder import wait_before_next
from billing_service.payments.models import NEVER_CREATED, Payment
from billing_service.payments.sending import REPEAT_FOR, alarm_if_our_key_is_refused, send
from billing_service.payments.service import alarm_not_compared
from billing_service.payments.settlement import OUR_MARK, settle
from billing_service.payments.states import FINAL, Report
from billing_service.subscriptions import service as subscriptions
from billing_service.web.dependencies import Services
from billing_service.yookassa.errors import NotFound, YookassaError
from billing_service.yookassa.schemas import Unreadable

log = structlog.get_logger()

ASK = "payment.ask"
AT_ONCE = 100
UNKNOWN_FOR = timedelta(hours=24)
# The window of the lists: clocks differ before, and a request may have taken its time after.
BEFORE_FIRST, AFTER_LAST = timedelta(minutes=10), timedelta(hours=1)
BETWEEN_PASSES = timedelta(hours=1)


async def enqueue_due(services: Services) -> int:
    """Enqueue a question about every open payment whose time has come, and set the time of the next one.

    Safe to run anywhere, any number of times at once: rows are claimed, and a waiting question is not doubled. Only
    payments of the shop we are configured for.
    """
    settings = services.settings
    async with services.db.begin() as session:
        due = await queries.claim_due(
            session, shop_id=settings.shop_id, is_test=settings.shop_is_test, limit=AT_ONCE
        )
        now = await get_now(session)
        for payment in due:
            payment.next_ask_at = now + wait_before_next(now - payment.created_at)
            await enqueue(session, ASK, str(payment.id).encode(), dedupe_key=f"{ASK}:{payment.id}")
    return len(due)


async def ask(services: Services, payment_id: UUID) -> None:
    """Learn what became of one open payment, and settle it. Safe to repeat at any time.

    While the provider cannot say, nothing changes: the schedule asks again. The shop may have been changed since the
    question was enqueued, and another shop can say nothing about this payment.
    """
    async with services.db.begin() as session:
        payment = await queries.get_payment(session, payment_id)
        now = await get_now(session)
    if payment is None or payment.state in FINAL or not payment.is_of_shop(services.settings):
        return
    with about_payment(payment_id, payment.yookassa_payment_id):
        await _ask(services, payment, now)


async def _ask(services: Services, payment: Payment, now: datetime) -> None:
    payment_id = payment.id
    try:
        if payment.yookassa_payment_id is not None:
            await _ask_by_id(services, payment, payment.yookassa_payment_id, age=now - payment.created_at)
        elif payment.first_sent_at is None or now - payment.first_sent_at < REPEAT_FOR:
            await send(services, payment_id)
        else:
            await _search_lists(services, payment)
    except YookassaError as error:
        alarm_if_our_key_is_refused(payment_id, error)
        log.warning("payment.question_unanswered", payment_id=payment_id, outcome=error.outcome)


async def _ask_by_id(services: Services, payment: Payment, yookassa_id: str, *, age: timedelta) -> None:
    try:
        seen = await services.yookassa.get_payment(yookassa_id)
    except NotFound as error:
        if age > UNKNOWN_FOR:
            async with services.db.begin() as session:
                await alarms.raise_once(
                    session,
                    Alarm.PROVIDER_LOST_PAYMENT,
                    payment.id,
                    payment_id=payment.id,
                    yookassa_payment_id=yookassa_id,
                    error_id=error.error_id,
                )
        return
    async with services.db.begin() as session:
        settlement = await settle(session, payment.id, seen)
    if settlement.wants_capture:
        await capture_held_money(services, payment.id, yookassa_id)


async def _search_lists(services: Services, payment: Payment) -> None:
    """One full pass over every page of the window in which the payment can have been created.

    What cannot be read may be the one that is searched for: then the pass proves nothing.
    """
    if payment.first_sent_at is None or payment.last_sent_at is None:
        return
    pages = services.yookassa.list_payments(
        created_from=payment.first_sent_at - BEFORE_FIRST, created_to=payment.last_sent_at + AFTER_LAST
    )
    is_proof = True
    async for seen in pages:
        if isinstance(seen, Unreadable):
            is_proof = False
            async with services.db.begin() as session:
                await alarm_not_compared(session, seen.id, because="unreadable")
        elif seen.metadata.get(OUR_MARK) == str(payment.id):
            async with services.db.begin() as session:
                await settle(session, payment.id, seen)
            return
    if is_proof:
        await _note_absence(services, payment.id)


async def _note_absence(services: Services, payment_id: UUID) -> None:
    """Count a pass that found nothing, if the window was over by then; the second one decides."""
    async with services.db.begin() as session:
        await subscriptions.lock(session, await queries.get_user_id(session, payment_id))
        payment = await queries.lock_payment(session, payment_id)
        now = await get_now(session)
        window_is_over = payment.last_sent_at is not None and now > payment.last_sent_at + AFTER_LAST
        if payment.yookassa_payment_id is not None or payment.state in FINAL or not window_is_over:
            return
        if payment.absent_since is None:
            payment.absent_since = now
            payment.next_ask_at = now + BETWEEN_PASSES
        elif now - payment.absent_since >= BETWEEN_PASSES:
            payment.provider_error_code = NEVER_CREATED
            payment.outcome_unknown = False
            payment.move(Report.REFUSED, now)
            once_committed(session, PAYMENTS.labels(payment.status, payment.purpose).inc)
            tell_doubt_ended(payment, now)
