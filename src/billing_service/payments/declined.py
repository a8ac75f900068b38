"""What follows from a charge that was declined: for the method, for auto-renewal, for the payer, and for everybody."""

from billing_service.alarms import service as alarms
from billing_service.charging import service as charging
from billing_service.charging.declines import (
    DECLINES,
    NEVER_REACHED,
    NOT_MADE,
    Decline,
    Reaction,
    decline_for,
)
from billing_service.charging.retries import next_try
from billing_service.config import Settings
from billing_service.events import service as events
from billing_service.kit.alarms import Alarm
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import keeping
from billing_service.payments import charge_queries as queries
from billing_service.payments.models import NEVER_CREATED, Payment
from billing_service.subscriptions import service as subscriptions

# Held money that we gave back ourselves, when the payer had said no: he knows.
LET_GO = "canceled_by_merchant"


async def conclude_decline(tx: Transaction, settings: Settings, payment: Payment) -> None:
    """Part of the settlement that learned of it, under the user's lock; once a charge.

    Only a permission that was taken back at the bank ends auto-renewal, and not if the payer has bound another method
    since; every other reason that is for good drops the method and waits for a new one. Too many declines that are not
    about money stop charging altogether.
    """
    if payment.cancellation_reason == LET_GO and not await queries.is_still_to_renew(tx, payment.id):
        return
    decline = decline_for(payment.cancellation_reason)
    if decline.reaction is Reaction.NEVER and payment.payment_method_id:
        await keeping.end(tx, payment.payment_method_id)
    if decline.stops_renewing and await queries.get_other_chosen(tx, payment.id) is None:
        await subscriptions.stop_renewing(tx, payment.user_id)
    if payment.cancellation_reason not in DECLINES:
        ids = {"payment_id": payment.id, "reason": payment.cancellation_reason}
        await alarms.raise_once(tx, Alarm.DECLINE_UNKNOWN, payment.cancellation_reason or "none", **ids)
    if payment.surplus_of is None:
        await _tell(tx, payment, decline)
    await charging.trip(tx, settings)


async def conclude_refusal(tx: Transaction, settings: Settings, payment: Payment) -> None:
    """The same of a charge that the provider refused to make, or never had: its payer hears of it as of any other that
    failed. What it refuses is about us, and may stop charging altogether."""
    if payment.surplus_of is None:
        was_there = payment.provider_error_code != NEVER_CREATED
        await _tell(tx, payment, NOT_MADE if was_there else NEVER_REACHED)
    await charging.trip(tx, settings)


async def _tell(tx: Transaction, payment: Payment, decline: Decline) -> None:
    """What a method refuses that he has replaced since asks nothing of him: the other one is charged."""
    tries, other = (
        await queries.list_tries(tx, payment.renewed_period_id or 0),
        await queries.get_other_chosen(tx, payment.id),
    )
    if other is not None:
        decline = NOT_MADE
    again, charge_until = (
        next_try(tries, other or payment.payment_method_id),
        await queries.get_charge_until(tx, payment),
    )
    may_go_on = again is not None and again <= charge_until
    goes_on = may_go_on and await queries.is_still_to_renew(tx, payment.id)
    await events.record(
        tx,
        "subscription.renewal_failed",
        payment.user_id,
        {
            "payment_id": payment.id,
            "plan": payment.plan_code,
            "days": payment.duration_days,
            "amount": to_wire(payment.amount),
            "currency": payment.currency,
            "reason": payment.cancellation_reason,
            "reaction": decline.reaction,
            "text": decline.told(goes_on=goes_on),
            "tries": len(tries),
            "next_try_at": again if goes_on else None,
            "charge_until": charge_until,
        },
    )
