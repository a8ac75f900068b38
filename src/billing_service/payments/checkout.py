"""Start a purchase: one payment for one wish to buy, whatever the browser, the network or the provider repeat."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from billing_service.kit.transaction import Transaction
from billing_service.payments import queries
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.models import Payment
from billing_service.payments.orders import Order, payment_for, sealed
from billing_service.payments.purchase_limit import take_place
from billing_service.payments.queries import Windows
from billing_service.payments.saving import NOT_AVAILABLE, Because, consented, decide
from billing_service.payments.states import Status
from billing_service.provider_calls.kinds import record
from billing_service.provider_calls.sending import LEASE, Claim, alarm_if_our_key_is_refused
from billing_service.provider_calls.waiting import CALLER_WAITS_SECONDS, sent
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors import (
    IdempotencyKeyReused,
    MissingPlanCode,
    YookassaRejected,
    YookassaUnavailable,
)
from billing_service.yookassa.errors import YookassaError

log = structlog.get_logger()

# A link lives for an hour at the provider; one with less than 15 minutes left is not handed out again. One that nobody
# looked at for a while may have been paid. What was just refused is not asked for again, however often somebody clicks.
WINDOWS = Windows(young=timedelta(minutes=45), seen=timedelta(seconds=30), refused=timedelta(seconds=60))


@dataclass(frozen=True)
class Purchase:
    """The payment an order means. `limits`: what is left of the user's purchases, if it took a place among them.

    `not_saved_because`: why what it is paid with is not kept, although the order asks for it.
    """

    payment: Payment
    limits: Mapping[str, str] = field(default_factory=dict)
    not_saved_because: Because | None = None


@dataclass(frozen=True)
class _Meant:
    """What block 1 found or made. `claim`: it was made here, and is ours to send. `because`: nothing of it is kept."""

    payment: Payment
    because: Because | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    unseen: bool = False
    claim: Claim | None = None


async def start(services: Services, order: Order) -> Purchase:
    """A payment with a link to pay it. Price, currency and days come from the database, never from the caller.

    The same `Idempotency-Key` gives the same payment; without one, an open checkout on the same terms is handed out
    again, also when it turns out to have been paid just now: nobody is billed twice for one wish. What the provider
    refused less than a minute ago is refused again without asking it.

    Raises `MissingPlanCode`, `InvalidPlan`, `IdempotencyKeyReused`, `RateLimited`, `YookassaRejected` (the payment is
    FAILED) or, after 8 s at most, `YookassaUnavailable`: then the sending goes on, and asking again continues the same
    payment.
    """
    if not order.plan_code:
        raise MissingPlanCode
    try:
        async with asyncio.timeout(CALLER_WAITS_SECONDS) as patience:
            return await _purchase(services, order)
    except TimeoutError:
        if patience.expired():
            raise YookassaUnavailable from None
        raise


async def _purchase(services: Services, order: Order) -> Purchase:
    while True:
        meant = await services.statements.turns.take(
            order.user_id, lambda tx: _payment_meant(tx, services, order)
        )
        payment = meant.payment
        if payment.state is Status.PENDING and not payment.is_of_shop(services.settings):
            # Known by its key; the shop was changed since. Money paid there would never be seen here.
            raise _unavailable(payment)
        if meant.unseen:
            payment = await _seen_now(services, payment)
            if payment.state is Status.SUCCEEDED:
                return _purchased(order, payment, meant)
            continue
        if payment.yookassa_payment_id is None and payment.state is Status.PENDING:
            known = await sent(services, PAYMENTS, payment.id, meant.claim)
            if known is None:
                raise _unavailable(payment)
            payment = known
        if payment.replaced_by is None:
            return _purchased(order, payment, meant)


def _purchased(order: Order, payment: Payment, meant: _Meant) -> Purchase:
    if payment.state is Status.FAILED:
        raise YookassaRejected({"payment_id": str(payment.id)})
    if payment.save_payment_method or not order.save_payment_method:
        return Purchase(payment, meant.limits)
    stored: Any = payment.not_saved_because
    return Purchase(payment, meant.limits, meant.because or stored or NOT_AVAILABLE)


async def _payment_meant(tx: Transaction, services: Services, order: Order) -> _Meant:
    """Block 1: found by its key or its terms, or inserted, and then claimed by us."""
    await subscriptions.lock(tx, order.user_id)
    plan = await order.find_plan(tx, order.plan_code or "")
    saving = await decide(tx, services.settings, order, plan)
    wish = payment_for(services.settings, order, plan, save=saving.wanted, not_saved_because=saving.because)
    met = await queries.get_situation(tx, wish, WINDOWS, services.settings.rate_limit_create_payment)
    if known := met.known and await queries.get_payment(tx, met.known):
        if known.request_fingerprint != order.fingerprint:
            raise IdempotencyKeyReused
        return _Meant(known, unseen=_is_unseen(known, met.begun.now))
    if plan is None:
        raise order.unknown_plan
    if order.idempotency_key is None and (found := met.open and await queries.get_payment(tx, met.open)):
        unseen = _is_unseen(found, met.begun.now)
        if not unseen and (consent_id := await consented(tx, order, plan, saving)):
            await queries.set_consent(tx, found.id, consent_id)
        return _Meant(found, saving.because, unseen=unseen)
    if met.refused:
        raise YookassaRejected({"payment_id": str(met.refused)})
    limits = take_place(services.settings, met.begun)
    wish.consent_id = await consented(tx, order, plan, saving)
    made = await queries.insert_claimed(tx, sealed(services.vault, wish), lease=LEASE)
    log.info("payment.started", payment_id=made.id, user_id=order.user_id, plan_code=plan.code)
    return _Meant(made, saving.because, limits, claim=_claim(made))


def _is_unseen(payment: Payment, now: datetime) -> bool:
    """Whether it may have been paid, declined or expired since we last looked."""
    seen_at = payment.seen_at
    return payment.state is Status.PENDING and seen_at is not None and now - seen_at > WINDOWS.seen


def _claim(made: Payment) -> Claim:
    assert made.request_body is not None  # noqa: S101 (it was inserted with both)
    assert made.send_lease_until is not None  # noqa: S101
    return Claim(made.id, made.request_body, was_in_doubt=False, lease_until=made.send_lease_until)


async def _seen_now(services: Services, payment: Payment) -> Payment:
    """The payment after asking about it and settling what we learn.

    What contradicts our row would not be granted when paid, so its link is not handed out.
    """
    try:
        seen = await services.yookassa.get_payment(payment.yookassa_payment_id or "")
    except YookassaError as error:
        alarm_if_our_key_is_refused(PAYMENTS, payment.id, error)
        raise _unavailable(payment) from None
    settlement = await record(services, PAYMENTS, payment.id, seen)
    if settlement.refused_because:
        raise _unavailable(payment)
    return settlement.row


def _unavailable(payment: Payment) -> YookassaUnavailable:
    return YookassaUnavailable({"payment_id": str(payment.id)})
