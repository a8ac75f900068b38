"""Settle: apply the provider's word about a payment, once, whoever brings it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.clock import get_now
from billing_service.kit.transitions import ImpossibleMove
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import PAYMENTS, once_committed
from billing_service.payments import queries
from billing_service.payments.comparison import differences
from billing_service.payments.doubt import is_left_in_doubt, tell_doubt_ended
from billing_service.payments.models import PLAN, Payment
from billing_service.payments.states import ALARMED, FINAL, Report, Status
from billing_service.subscriptions import service as subscriptions
from billing_service.yookassa import schemas as yookassa

log = structlog.get_logger()

OUR_MARK = "billing_payment_id"
FROZEN = (
    *("user_id", "plan_code", "amount", "currency", "duration_days", "description", "purpose"),
    *("shop_id", "is_test", "is_recurring", "save_payment_method", "caller", "route", "return_url"),
)


@dataclass(frozen=True)
class Settlement:
    """What came of a report. `refused_because` names what contradicts our row; then nothing was changed."""

    payment_id: UUID
    status: Status
    changed: bool
    refused_because: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def wants_capture(self) -> bool:
        """Money is held although we asked for a one-stage payment: take it, the amounts agree."""
        return self.status is Status.WAITING_FOR_CAPTURE and not self.refused_because


async def settle(session: AsyncSession, payment_id: UUID, seen: yookassa.Payment) -> Settlement:
    """Lock the user's money and the payment, compare, move the state, and grant the period if it was just paid.

    `seen` must have been fetched (or answered) under our own credentials, never taken from a notification. Safe to
    repeat and to run in parallel: a report that brings nothing new changes nothing. A contradicting report changes
    nothing either, and raises an alarm.
    """
    with about_payment(payment_id, seen.id):
        return await _settle(session, payment_id, seen)


async def _settle(session: AsyncSession, payment_id: UUID, seen: yookassa.Payment) -> Settlement:
    user_id = await queries.get_user_id(session, payment_id)
    await subscriptions.lock(session, user_id)
    payment, wrong = await _row_of(session, await queries.lock_payment(session, payment_id), seen)
    payment_id, before = payment.id, payment.state
    if wrong:
        await _alarm_about(session, payment, seen, wrong)
        return Settlement(payment_id, before, changed=False, refused_because=tuple(wrong))
    now = await get_now(session)
    report = Report(seen.status)
    try:
        changed = payment.move(report, now)
    except ImpossibleMove:
        await _alarm_about_move(session, Alarm.IMPOSSIBLE_MOVE, payment, seen, before)
        return Settlement(payment_id, before, changed=False, refused_because=("status",))
    was_in_doubt = is_left_in_doubt(payment, now)
    _remember(payment, seen, now)
    if was_in_doubt:
        tell_doubt_ended(payment, now)
    if (before, report) in ALARMED:
        await _alarm_about_move(session, Alarm.LATE_SUCCESS, payment, seen, before)
    if changed and payment.state is Status.SUCCEEDED:
        await _accept_money(session, payment, seen, now)
    if changed:
        _tell(session, payment, before)
    return Settlement(payment_id, payment.state, changed)


def _tell(session: AsyncSession, payment: Payment, before: Status) -> None:
    if payment.state in FINAL:
        once_committed(session, PAYMENTS.labels(payment.status, payment.purpose).inc)
    log.info(
        "payment.settled",
        payment_id=payment.id,
        yookassa_payment_id=payment.yookassa_payment_id,
        before=before,
        after=payment.state,
        user_id=payment.user_id,
    )


async def _row_of(session: AsyncSession, named: Payment, seen: yookassa.Payment) -> tuple[Payment, list[str]]:
    """The row this object settles, locked: the payment it was brought for or a surplus of it; and what contradicts."""
    wrong = differences(named, seen)
    if named.yookassa_payment_id == seen.id:
        return named, wrong
    holder = await queries.get_by_yookassa_id(session, seen.id)
    if holder is None and wrong == ["id"] and seen.status == Report.SUCCEEDED:
        return await _adopt_surplus(session, named, seen), []
    if holder is None:
        return named, wrong
    if holder.surplus_of == named.id:
        # Whoever was here a moment earlier has adopted it.
        surplus = await queries.lock_payment(session, holder.id)
        return surplus, differences(surplus, seen)
    return named, wrong if "id" in wrong else [*wrong, "id"]


async def _adopt_surplus(session: AsyncSession, original: Payment, seen: yookassa.Payment) -> Payment:
    """A second object was paid for one payment of ours: money came in, so it gets a row, days and an alarm.

    The provider forgets a key after 24 hours, and a success must never die on a unique index.
    """
    await alarms.raise_once(
        session, Alarm.SECOND_PROVIDER_OBJECT, seen.id, payment_id=original.id, yookassa_payment_id=seen.id
    )
    surplus = Payment(
        id=uuid4(),
        surplus_of=original.id,
        status=Status.PENDING,
        request_fingerprint=original.request_fingerprint,
        **{name: getattr(original, name) for name in FROZEN},
    )
    session.add(surplus)
    await session.flush()
    return await queries.lock_payment(session, surplus.id)


async def _accept_money(
    session: AsyncSession, payment: Payment, seen: yookassa.Payment, now: datetime
) -> None:
    payment.paid_at = seen.captured_at or now
    payment.webhook_processed_at = now
    payment.cancellation_party = payment.cancellation_reason = None
    if await queries.is_paid_beside(session, payment):
        await alarms.raise_once(
            session, Alarm.DOUBLE_PURCHASE, payment.id, payment_id=payment.id, user_id=payment.user_id
        )
    if payment.purpose == PLAN and payment.plan_code and payment.duration_days:
        payment.period_id = await subscriptions.grant_paid_period(
            session,
            user_id=payment.user_id,
            plan_code=payment.plan_code,
            days=payment.duration_days,
            payment_id=payment.id,
        )


def _remember(payment: Payment, seen: yookassa.Payment, now: datetime) -> None:
    payment.yookassa_payment_id = seen.id
    payment.seen_at = now
    payment.outcome_unknown = False
    payment.send_lease_until = None
    payment.confirmation_url = seen.confirmation_url or payment.confirmation_url
    if payment.state is Status.CANCELED:
        payment.cancellation_party = seen.cancellation_party
        payment.cancellation_reason = seen.cancellation_reason


async def _alarm_about(
    session: AsyncSession, payment: Payment, seen: yookassa.Payment, wrong: list[str]
) -> None:
    kind = Alarm.SECOND_PROVIDER_OBJECT if wrong == ["id"] else Alarm.REPORTED_OBJECT_MISMATCH
    await alarms.raise_once(
        session,
        kind,
        seen.id,
        payment_id=payment.id,
        yookassa_payment_id=seen.id,
        wrong=wrong,
        ours=f"{payment.amount} {payment.currency}",
        reported=f"{seen.amount.value} {seen.amount.currency}",
    )


async def _alarm_about_move(
    session: AsyncSession, kind: Alarm, payment: Payment, seen: yookassa.Payment, before: Status
) -> None:
    await alarms.raise_once(
        session,
        kind,
        seen.id,
        payment_id=payment.id,
        yookassa_payment_id=seen.id,
        status=before,
        reported=seen.status,
    )
