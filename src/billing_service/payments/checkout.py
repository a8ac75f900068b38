"""Start a purchase: one payment for one wish to buy, whatever the browser, the network or the provider repeat."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from billing_service.kit.crypto import UnreadableSecret, Vault
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import utc_text
from billing_service.payments import checkout_queries, queries
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.checkout_queries import Situation, Windows
from billing_service.payments.models import Payment
from billing_service.payments.orders import CURRENCY, Order, payment_for, sealed
from billing_service.payments.preview import hold_to
from billing_service.payments.purchase_limit import take_place
from billing_service.payments.saving import NOT_AVAILABLE, Because, consented, decide
from billing_service.payments.service import write_claimed
from billing_service.payments.states import Status
from billing_service.plans.models import Plan
from billing_service.provider_calls.kinds import record
from billing_service.provider_calls.sending import Claim, alarm_if_our_key_is_refused
from billing_service.provider_calls.waiting import CALLER_WAITS_SECONDS, sent
from billing_service.receipts import service as receipts
from billing_service.receipts.service import Receipt, Sold
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.payments import MissingPlanCode, YookassaRejected, YookassaUnavailable
from billing_service.web.errors.renewals import RenewalInProgress
from billing_service.web.errors.requests import IdempotencyKeyReused
from billing_service.yookassa.errors import YookassaError
from billing_service.yookassa.request_bodies import customer_in

log = structlog.get_logger()

# A link lives for an hour at the provider; one with less than 15 minutes left is not handed out again. One that nobody
# looked at for a while may have been paid. What was just refused is not asked for again, however often somebody clicks.
# A renewal that was sent has its answer in seconds; whoever wants to pay by hand does not wait for a lost one.
WINDOWS = Windows(
    young=timedelta(minutes=45),
    seen=timedelta(seconds=30),
    refused=timedelta(seconds=60),
    renewing=timedelta(minutes=10),
)


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
    claim: Claim[Payment] | None = None


async def start(services: Services, order: Order) -> Purchase:
    """A payment with a link to pay it. Price, currency and days come from the database, never from the caller.

    The same `Idempotency-Key` gives the same payment; without one, an open checkout on the same terms is handed out
    again, also when it turns out to have been paid just now: nobody is billed twice for one wish. What the provider
    refused less than a minute ago is refused again without asking it.

    Raises `MissingPlanCode`, `InvalidPlan`, `PreviewStale` (it would not be as the payer was shown, and is no payment
    yet), `RenewalInProgress`, `ReceiptContactRequired` (before any call), `IdempotencyKeyReused`, `RateLimited`,
    `YookassaRejected` (the payment is FAILED) or, after 8 s at most, `YookassaUnavailable`: then the sending goes on,
    and asking again continues the same payment.
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
    met = await checkout_queries.get_situation(tx, wish, WINDOWS, services.settings.rate_limit_create_payment)
    if known := met.known and await queries.get_payment(tx, met.known):
        if known.request_fingerprint != order.fingerprint:
            raise IdempotencyKeyReused
        return _Meant(known, unseen=_is_unseen(known, met.begun.now))
    if plan is None:
        raise order.unknown_plan
    await _refuse_what_is_not_as_it_was(tx, services, order, plan, met)
    open_one = None if order.idempotency_key else met.open
    if open_one is None and await _is_refused_again(tx, services, order, met):
        raise YookassaRejected({"payment_id": str(met.refused)})
    receipt = _receipt(services, order, plan, met)
    found = open_one and await queries.get_payment(tx, open_one)
    if found and _goes_to_the_same(services.vault, found, receipt):
        unseen = _is_unseen(found, met.begun.now)
        if not unseen and (consent_id := await consented(tx, order, plan, saving)):
            await queries.set_consent(tx, found.id, consent_id)
        return _Meant(found, saving.because, unseen=unseen)
    limits = take_place(services.settings, met.begun)
    wish.consent_id = await consented(tx, order, plan, saving)
    kept = _sealed_contact(services.vault, order, receipt)
    wish = sealed(services.vault, wish, receipt)
    made, claim = await write_claimed(tx, wish, kept)
    log.info("payment.started", payment_id=made.id, user_id=order.user_id, plan_code=plan.code)
    return _Meant(made, saving.because, limits, claim=claim)


async def _refuse_what_is_not_as_it_was(
    tx: Transaction, services: Services, order: Order, plan: Plan, met: Situation
) -> None:
    """The same must not be bought beside a renewal that is in flight, nor anything else than the payer was shown."""
    if met.renewing_until and not plan.is_test:
        raise RenewalInProgress({"until": utc_text(met.renewing_until)})
    if order.preview_id is not None:
        await hold_to(tx, services, order.user_id, plan, order.preview_id)


async def _is_refused_again(tx: Transaction, services: Services, order: Order, met: Situation) -> bool:
    """Whether the provider has just refused the very same; with a receipt, what was refused without one is another."""
    if met.refused is None:
        return False
    is_ready = receipts.is_ready(services.settings, met.receipts, order.receipt_contact)
    refused = await queries.get_payment(tx, met.refused) if is_ready else None
    return refused is None or refused.receipt_registration is not None


def _receipt(services: Services, order: Order, plan: Plan, met: Situation) -> Receipt | None:
    sold = Sold(plan.description, plan.vat_code, plan.price, CURRENCY)
    return receipts.of_sale(
        services.settings,
        services.vault,
        met.receipts,
        named=order.receipt_contact,
        sold=sold,
        now=met.begun.now,
    )


def _goes_to_the_same(vault: Vault, found: Payment, receipt: Receipt | None) -> bool:
    """Whether the receipt of an open checkout goes where the payer wants it now; of held money nothing changes."""
    if found.state is not Status.PENDING:
        return True
    if receipt is None or found.receipt_registration is None:
        return receipt is None and found.receipt_registration is None
    if found.request_body is None:
        return False
    try:
        return customer_in(vault.open(found.request_body)) == receipt.block["customer"]
    except UnreadableSecret:
        return False


def _sealed_contact(vault: Vault, order: Order, receipt: Receipt | None) -> bytes | None:
    """What is kept for later receipts: only what was named now, and only where receipts are sent."""
    named = order.receipt_contact
    return None if receipt is None or named is None else vault.seal(named.to_bytes())


def _is_unseen(payment: Payment, now: datetime) -> bool:
    """Whether it may have been paid, declined or expired since we last looked."""
    seen_at = payment.seen_at
    return payment.state is Status.PENDING and seen_at is not None and now - seen_at > WINDOWS.seen


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
