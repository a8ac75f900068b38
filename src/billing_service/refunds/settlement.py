"""Settle: apply the provider's word about a refund, once, whoever brings it, and what follows for access."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.kit.callers import SYSTEM
from billing_service.kit.transaction import Transaction
from billing_service.kit.transitions import ImpossibleMove
from billing_service.observability.metrics import REFUNDS
from billing_service.provider_calls.doubt import Doubt
from billing_service.provider_calls.kinds import Settlement
from billing_service.receipts import shop
from billing_service.receipts.service import count_receipt
from billing_service.refunds import queries
from billing_service.refunds.access import Access, is_full, longest_cut, takes_all
from billing_service.refunds.comparison import differences
from billing_service.refunds.jobs import look_again
from billing_service.refunds.matching import row_for
from billing_service.refunds.models import Refund
from billing_service.refunds.places import place_of
from billing_service.refunds.queries import Paid
from billing_service.refunds.states import ALARMED, FINAL, Report, Status
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.periods import DAY
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import Rejected

log = structlog.get_logger()

# The `provider_error_code` of what the provider never had; it is no refusal.
NEVER_CREATED = "never_created"
# What a refusal may quote of a payer: an address, a telephone, a card.
PERSONAL = re.compile(r"@|[0-9]{7}")


async def settle(
    tx: Transaction, settings: Settings, refund_id: UUID, seen: yookassa.Refund
) -> Settlement[Refund]:
    """Lock the user's money, the payment and the refund, compare, move the state; when it has succeeded, change access.

    `seen` must have been fetched (or answered) under our own credentials, never taken from a notification. Safe to
    repeat and to run in parallel; a contradicting report changes nothing and raises an alarm. A refund of a payment
    that is not settled here yet waits for that, and a job is enqueued that settles it.
    """
    refund = await queries.lock_with_money(tx, refund_id)
    paid = await queries.get_paid(tx, refund.payment_id)
    settlement = await _take_in(tx, refund, paid, seen)
    taken = settlement.row
    if taken.state is not Status.SUCCEEDED or taken.applied_at is not None:
        return settlement
    if not paid.is_settled:
        await look_again(tx, seen.id)
        return settlement
    return replace(settlement, row=await _change_access(tx, settings, taken, paid))


async def _take_in(tx: Transaction, refund: Refund, paid: Paid, seen: yookassa.Refund) -> Settlement[Refund]:
    """What the report says of the refund itself; what follows for access is left to the caller."""
    if wrong := differences(refund, paid, seen):
        await _alarm_about(tx, Alarm.REPORTED_OBJECT_MISMATCH, refund, seen.id, wrong=wrong)
        return _unchanged(refund, *wrong)
    before, report, doubt = refund.state, Report(seen.status), Doubt.about(refund)
    registered = refund.receipt_registration
    try:
        changed = refund.move(report)
    except ImpossibleMove:
        await _alarm_about(tx, Alarm.IMPOSSIBLE_MOVE, refund, seen.id, status=before, reported=seen.status)
        return _unchanged(refund, "status")
    if (before, report) in ALARMED:
        await _alarm_about(tx, Alarm.LATE_SUCCESS, refund, seen.id, status=before, reported=seen.status)
    _remember(refund, seen)
    saved = await queries.save(tx, refund, seen=True)
    doubt.tell_its_end("refund.doubt_ended", saved, exists=True)
    if changed:
        await _tell(tx, saved, paid, before)
    count_receipt(tx, "refund", registered, saved.receipt_registration)
    return Settlement(saved, changed)


async def refuse(
    tx: Transaction, settings: Settings, refund: Refund, error: Rejected | None
) -> Settlement[Refund]:
    """End a locked refund that the provider refused to make or, without an error, never had.

    What is refused because it came without a receipt tells us that the shop demands them.
    """
    if error is not None and error.parameter == "receipt" and refund.receipt_registration is None:
        await shop.note_refusal(tx, settings)
    before, doubt = refund.state, Doubt.about(refund)
    refund.provider_error_id = error.error_id if error else None
    refund.provider_error_code = (error.code if error else None) or NEVER_CREATED
    refund.refusal = in_its_words(error) if error else None
    refund.send_lease_until, refund.outcome_unknown = None, False
    changed = refund.move(Report.REFUSED)
    saved = await queries.save(tx, refund)
    doubt.tell_its_end("refund.doubt_ended", saved, exists=False)
    log.warning(
        "refund.refused_by_provider" if error else "refund.never_created",
        refund_id=refund.id,
        error_id=refund.provider_error_id,
        error_code=refund.provider_error_code,
        parameter=error.parameter if error else None,
    )
    if changed:
        await _tell(tx, saved, await queries.get_paid(tx, saved.payment_id), before)
        await _alarm_about_failure(tx, saved, was_there=error is not None)
    return Settlement(saved, changed)


async def _alarm_about_failure(tx: Transaction, refund: Refund, *, was_there: bool) -> None:
    """Nobody waits for the answer to what the service sends back by itself, nor for hours to his own: a payer may have
    been told that his money is on its way. Who is refused at once hears it."""
    code = refund.provider_error_code
    if refund.caller == SYSTEM:
        await _alarm_about(tx, Alarm.CHARGE_NOT_GIVEN_BACK, refund, refund.payment_id, error=code)
    elif not was_there:
        await _alarm_about(tx, Alarm.REFUND_CANCELED, refund, refund.id, reason=code)


def in_its_words(error: Rejected) -> str | None:
    """Why the provider refused, for the operator; nothing if it seems to quote something of the payer's."""
    words = error.description
    return None if words is None or PERSONAL.search(words) else words


async def settle_with_payment(
    tx: Transaction,
    settings: Settings,
    payment_id: UUID,
    reported: yookassa.Payment,
    *,
    just_granted: bool,
) -> None:
    """Take in every refund that came along with a payment, which the caller has just settled and has locked.

    Then whatever went back of it, also what we knew before, takes its access, the oldest refund first. `just_granted`:
    the period was laid in this transaction, so that nothing of it is used.
    """
    paid = await queries.get_paid(tx, payment_id)
    for seen in reported.refunds:
        if isinstance(seen, yookassa.Unreadable):
            ids = {"payment_id": payment_id, "yookassa_refund_id": seen.id}
            await alarms.raise_once(
                tx, Alarm.OBJECT_NOT_COMPARED, seen.id or "without an id", because="unreadable", **ids
            )
        else:
            refund = await queries.lock_with_money(tx, await row_for(tx, seen, payment_id))
            await _take_in(tx, refund, paid, seen)
    for refund in await queries.lock_waiting(tx, payment_id):
        await _change_access(tx, settings, refund, paid, just_granted=just_granted)
    await _compare_sums(tx, payment_id, reported)


async def _compare_sums(tx: Transaction, payment_id: UUID, reported: yookassa.Payment) -> None:
    """The refunds were asked for after the payment, so that ours may add up to more than it says, but never to less."""
    said = reported.refunded_amount
    if said is None:
        return
    ours = (await queries.get_applied(tx, payment_id)).returned
    if ours < said.value:
        ids = {"payment_id": payment_id, "yookassa_payment_id": reported.id}
        sums = {"ours": str(ours), "reported": f"{said.value} {said.currency}"}
        await alarms.raise_once(tx, Alarm.REFUNDS_MISSING, payment_id, **ids, **sums)


async def _change_access(
    tx: Transaction, settings: Settings, refund: Refund, paid: Paid, *, just_granted: bool = False
) -> Refund:
    """What the refund does to access, once: the row remembers that it was done."""
    before = await queries.get_applied(tx, paid.id)
    full = is_full(amount=refund.amount, returned_before=before.applied, paid=paid.amount)
    if not refund.access_stated:
        refund.access = settings.refund_access_full if full else settings.refund_access_partial
    access = Access(refund.access or Access.KEEP)
    days = paid.duration_days or 0
    longest = longest_cut(access, days=days, amount=refund.amount, paid=paid.amount)
    longest = min(longest, max(days * DAY - before.cut, timedelta(0)))
    refund.access_cut = timedelta(0)
    if longest and (place := await place_of(tx, paid)):
        by = min(longest, place.own)
        refund.access_cut = await subscriptions.cut_period(
            tx, user_id=paid.user_id, period_id=place.period_id, by=by, just_granted=just_granted
        )
    # What the service itself sends back was unwanted; what its payer wishes from now on he has said.
    if takes_all(access, full=full) and refund.caller != SYSTEM:
        await subscriptions.stop_renewing(tx, paid.user_id)
    if before.returned > paid.amount:
        await _alarm_about(tx, Alarm.REFUND_ABOVE_PAYMENT, refund, paid.id, returned=str(before.returned))
    saved = await queries.save(tx, refund)
    log.info(
        "refund.applied",
        refund_id=refund.id,
        payment_id=paid.id,
        user_id=paid.user_id,
        access=refund.access,
        cut_seconds=int(refund.access_cut.total_seconds()),
    )
    return saved


def _remember(refund: Refund, seen: yookassa.Refund) -> None:
    refund.yookassa_refund_id = seen.id
    refund.outcome_unknown = False
    refund.send_lease_until = None
    refund.receipt_registration = seen.receipt_registration or refund.receipt_registration
    # An answer that is older than the cancellation knows no reason.
    if refund.state is not Status.CANCELED or seen.status == Report.CANCELED:
        refund.cancellation_party, refund.cancellation_reason = (
            seen.cancellation_party,
            seen.cancellation_reason,
        )


def _unchanged(refund: Refund, *wrong: str) -> Settlement[Refund]:
    return Settlement(refund, changed=False, refused_because=wrong)


async def _tell(tx: Transaction, refund: Refund, paid: Paid, before: Status) -> None:
    if refund.state in FINAL:
        tx.once_committed(REFUNDS.labels(refund.status, refund.made_by).inc)
    if refund.state is Status.CANCELED:
        # Whoever asked for it may have told the payer that the money is on its way.
        reason = refund.cancellation_reason
        await _alarm_about(tx, Alarm.REFUND_CANCELED, refund, refund.id, reason=reason)
    log.info(
        "refund.settled",
        refund_id=refund.id,
        yookassa_refund_id=refund.yookassa_refund_id,
        payment_id=paid.id,
        user_id=paid.user_id,
        before=before,
        after=refund.state,
    )


async def _alarm_about(
    tx: Transaction, kind: Alarm, refund: Refund, subject: object, **facts: object
) -> None:
    await alarms.raise_once(
        tx,
        kind,
        subject,
        refund_id=refund.id,
        payment_id=refund.payment_id,
        yookassa_refund_id=refund.yookassa_refund_id,
        amount=f"{refund.amount} {refund.currency}",
        **facts,
    )
