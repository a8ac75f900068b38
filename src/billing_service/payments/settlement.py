"""Settle: apply the provider's word about a payment, once, whoever brings it."""

from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

import structlog

from billing_service.alarms import service as alarms
from billing_service.config import Settings
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction
from billing_service.kit.transitions import ImpossibleMove
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import PAYMENTS
from billing_service.payment_methods.keeping import Offer, conclude, offer
from billing_service.payments import charge_queries, queries
from billing_service.payments.comparison import differences
from billing_service.payments.declined import conclude_decline
from billing_service.payments.models import NEVER_CREATED, Payment
from billing_service.payments.queries import Saved
from billing_service.payments.states import ALARMED, FINAL, Report, Status
from billing_service.provider_calls.clocks import behind_by
from billing_service.provider_calls.doubt import Doubt
from billing_service.provider_calls.kinds import Settlement
from billing_service.receipts.service import count_receipt
from billing_service.refunds import settlement as refunds
from billing_service.refunds.jobs import give_back
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import Rejected

log = structlog.get_logger()

OUR_MARK = "billing_payment_id"
# What a second object of the provider's shares with the payment it was paid for.
SHARED = (
    *(
        "user_id",
        "plan_code",
        "amount",
        "currency",
        "duration_days",
        "description",
        "purpose",
        "shop_id",
        "is_test",
    ),
    *("is_recurring", "save_payment_method", "consent_id", "payment_method_id"),
    *("caller", "route", "return_url", "request_fingerprint"),
    *(
        "receipt_description",
        "receipt_vat_code",
        "receipt_tax_system_code",
        "receipt_subject",
        "receipt_mode",
    ),
    "receipt_registration",
)


async def settle(
    tx: Transaction, settings: Settings, payment_id: UUID, seen: yookassa.Payment
) -> Settlement[Payment]:
    """Lock the user's money and the payment, compare, move the state, and grant the period if it was just paid.

    `seen` must have been fetched (or answered) under our own credentials, never taken from a notification. Safe to
    repeat and to run in parallel: a report that brings nothing new changes nothing. A contradicting report changes
    nothing either, and raises an alarm. Money of it that went back already takes its access in the same transaction.
    """
    with about_payment(payment_id, seen.id):
        payment, wrong = await _row_of(tx, payment_id, seen)
        if wrong:
            await _alarm_about(tx, payment, seen, wrong)
            return _unchanged(payment, *wrong)
        return await _apply(tx, settings, payment, seen)


async def _apply(
    tx: Transaction, settings: Settings, payment: Payment, seen: yookassa.Payment
) -> Settlement[Payment]:
    before, report, doubt = payment.state, Report(seen.status), Doubt.about(payment)
    registered = payment.receipt_registration
    try:
        changed = payment.move(report)
    except ImpossibleMove:
        await _alarm_about_move(tx, Alarm.IMPOSSIBLE_MOVE, payment, seen, before)
        return _unchanged(payment, "status")
    if (before, report) in ALARMED:
        await _alarm_about_move(tx, Alarm.LATE_SUCCESS, payment, seen, before)
    is_news = changed or payment.yookassa_payment_id is None
    _remember(payment, seen)
    just_paid = changed and payment.state is Status.SUCCEEDED
    if just_paid:
        payment.cancellation_party = payment.cancellation_reason = None
    offered = _offered(settings, payment, seen) if just_paid else None
    keep = offered.values if offered else ()
    saved = await queries.save(
        tx, payment, seen=True, captured_at=seen.captured_at, grants=just_paid, keep=keep
    )
    if just_paid:
        await _once_paid(tx, payment, saved, offered)
    doubt.tell_its_end("payment.doubt_ended", saved.payment, exists=True)
    if is_news:
        tx.once_committed(partial(compare_clocks, saved.payment, seen))
    if changed:
        await _once_changed(tx, settings, saved.payment, before)
    count_receipt(tx, "payment", registered, payment.receipt_registration)
    if payment.state is Status.SUCCEEDED and (seen.has_refunds or saved.refunds_wait):
        await refunds.settle_with_payment(tx, settings, payment.id, seen, just_granted=just_paid)
    return Settlement(saved.payment, changed)


async def refuse(tx: Transaction, payment: Payment, error: Rejected | None) -> Settlement[Payment]:
    """End a locked payment that the provider refused to create or, without an error, never had."""
    before, doubt = payment.state, Doubt.about(payment)
    payment.provider_error_id = error.error_id if error else None
    payment.provider_error_code = error.code if error else NEVER_CREATED
    payment.send_lease_until, payment.outcome_unknown = None, False
    changed = payment.move(Report.REFUSED)
    saved = await queries.save(tx, payment)
    doubt.tell_its_end("payment.doubt_ended", saved.payment, exists=False)
    if error is None:
        log.warning("payment.never_created", payment_id=payment.id)
    else:
        log.error(
            "payment.refused_by_provider",
            payment_id=payment.id,
            status=error.status,
            error_id=error.error_id,
            error_code=error.code,
            parameter=error.parameter,
        )
    if changed:
        _tell(tx, payment, before)
    return Settlement(saved.payment, changed)


def _unchanged(payment: Payment, *wrong: str) -> Settlement[Payment]:
    return Settlement(payment, changed=False, refused_because=wrong)


async def _once_changed(tx: Transaction, settings: Settings, payment: Payment, before: Status) -> None:
    _tell(tx, payment, before)
    if payment.state is Status.CANCELED and payment.payment_method_id:
        await conclude_decline(tx, settings, payment)


def _tell(tx: Transaction, payment: Payment, before: Status) -> None:
    if payment.state in FINAL:
        tx.once_committed(PAYMENTS.labels(payment.status, payment.purpose).inc)
    log.info(
        "payment.settled",
        payment_id=payment.id,
        yookassa_payment_id=payment.yookassa_payment_id,
        before=before,
        after=payment.state,
        user_id=payment.user_id,
    )


async def _row_of(tx: Transaction, payment_id: UUID, seen: yookassa.Payment) -> tuple[Payment, list[str]]:
    """The row this object settles, locked: the payment it was brought for or a surplus of it; and what contradicts."""
    named, held_elsewhere = await queries.lock_for_object(tx, payment_id, seen.id)
    wrong = differences(named, seen)
    if "id" not in wrong:
        return named, [*wrong, "id"] if held_elsewhere else wrong
    holder = await queries.get_holder(tx, seen.id)
    if holder is None and wrong == ["id"] and seen.status == Report.SUCCEEDED:
        return await _adopt_surplus(tx, named, seen), []
    if holder is not None and holder.surplus_of == named.id:
        # Whoever was here a moment earlier has adopted it.
        surplus = await queries.lock_with_money(tx, holder.id)
        return surplus, differences(surplus, seen)
    return named, wrong


async def _adopt_surplus(tx: Transaction, original: Payment, seen: yookassa.Payment) -> Payment:
    """A second object was paid for one payment of ours: money came in, so it gets a row, days and an alarm.

    The provider forgets a key after 24 hours, and a success must never die on a unique index.
    """
    ids = {"payment_id": original.id, "yookassa_payment_id": seen.id}
    await alarms.raise_once(tx, Alarm.SECOND_PROVIDER_OBJECT, seen.id, **ids)
    shared = {name: getattr(original, name) for name in SHARED}
    return await queries.insert_payment(tx, Payment(id=uuid4(), surplus_of=original.id, **shared))


def _offered(settings: Settings, payment: Payment, seen: yookassa.Payment) -> Offer | None:
    """What it was paid with, if the payer agreed that it is kept."""
    if not payment.save_payment_method or payment.consent_id is None:
        return None
    return offer(
        settings,
        seen.payment_method,
        consent_id=payment.consent_id,
        user_id=payment.user_id,
        shop_id=payment.shop_id,
        is_test=payment.is_test,
    )


async def _once_paid(tx: Transaction, payment: Payment, saved: Saved, offered: Offer | None) -> None:
    """Tell of a second purchase, and of what became of the method that was paid with."""
    given_back = await _give_back(tx, saved)
    if saved.paid_beside and not given_back:
        ids = {"payment_id": payment.id, "user_id": payment.user_id}
        await alarms.raise_once(tx, Alarm.DOUBLE_PURCHASE, payment.id, **ids)
    if offered is not None and saved.kept is not None:
        conclude(offered, saved.kept)


async def _give_back(tx: Transaction, saved: Saved) -> bool:
    """A renewal that was in flight when its payer refused it, switched it off or paid by hand gives its days, and goes
    back with them: in whatever order the two payments are learned of."""
    if saved.renewed_beside:
        await give_back(tx, saved.renewed_beside, "bought_by_hand")
        return True
    if saved.payment.payment_method_id is None:
        return False
    because = await charge_queries.why_unwanted(tx, saved.payment.id)
    if because:
        await give_back(tx, saved.payment.id, because)
    return because is not None


def _remember(payment: Payment, seen: yookassa.Payment) -> None:
    payment.yookassa_payment_id = seen.id
    payment.outcome_unknown = False
    payment.send_lease_until = None
    payment.income_amount = income_left(payment, seen)
    payment.receipt_registration = seen.receipt_registration or payment.receipt_registration
    payment.confirmation_url = seen.confirmation_url or payment.confirmation_url
    # An answer that is older than the cancellation knows no reason.
    if payment.state is Status.CANCELED and seen.status == Report.CANCELED:
        payment.cancellation_party = seen.cancellation_party
        payment.cancellation_reason = seen.cancellation_reason


def income_left(payment: Payment, seen: yookassa.Payment) -> Decimal | None:
    """What the provider's fee leaves of it: as it says now, else as it said before. Nothing is decided by it."""
    told = seen.income_amount
    return told.value if told and told.currency == payment.currency else payment.income_amount


def compare_clocks(payment: Payment, seen: yookassa.Payment) -> None:
    """Tell if the database's clock and the provider's differ. Whatever they say, what was paid is granted."""
    behind = behind_by(
        now=payment.updated_at,
        first_sent_at=payment.first_sent_at,
        created_at=seen.created_at,
        told_at=seen.captured_at or seen.created_at,
    )
    if behind:
        seconds = round(behind.total_seconds())
        raise_alarm(Alarm.CLOCK_SKEW, payment_id=payment.id, behind_seconds=seconds)


async def _alarm_about(tx: Transaction, payment: Payment, seen: yookassa.Payment, wrong: list[str]) -> None:
    kind = Alarm.SECOND_PROVIDER_OBJECT if wrong == ["id"] else Alarm.REPORTED_OBJECT_MISMATCH
    await alarms.raise_once(
        tx,
        kind,
        seen.id,
        payment_id=payment.id,
        yookassa_payment_id=seen.id,
        wrong=wrong,
        ours=f"{payment.amount} {payment.currency}",
        reported=f"{seen.amount.value} {seen.amount.currency}",
    )


async def _alarm_about_move(
    tx: Transaction, kind: Alarm, payment: Payment, seen: yookassa.Payment, before: Status
) -> None:
    await alarms.raise_once(
        tx,
        kind,
        seen.id,
        payment_id=payment.id,
        yookassa_payment_id=seen.id,
        status=before,
        reported=seen.status,
    )
