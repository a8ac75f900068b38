"""Send money back: one refund for one key, whatever the operator, the network or the provider repeat."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.sending import LEASE, Claim
from billing_service.provider_calls.waiting import CALLER_WAITS_SECONDS, sent
from billing_service.receipts import service as receipts
from billing_service.receipts.contact import Contact
from billing_service.receipts.service import Receipt
from billing_service.refunds import queries
from billing_service.refunds.access import Access, is_full
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.models import API, Refund
from billing_service.refunds.queries import Paid, Situation
from billing_service.refunds.settlement import NEVER_CREATED, OUR_MARK
from billing_service.refunds.states import Status
from billing_service.services import Services
from billing_service.web.errors import (
    AccessExceedsRefund,
    IdempotencyKeyReused,
    NotRefundable,
    PaymentNotFound,
    RefundNotFound,
    RefundRejected,
    RefundTooLarge,
    RefundUnanswered,
)
from billing_service.yookassa.schemas import new_refund_body

log = structlog.get_logger()

ACTION = "refund.started"
SHOWN = frozenset({Status.PENDING, Status.SUCCEEDED})


@dataclass(frozen=True)
class Order:
    """What an operator asks for: without an amount all that is left, without access what is configured.

    `receipt_contact` is where the receipt of a part goes; the known one, if nothing is said.
    `caller` owns the service token; `author` and `reason` are what the caller says of the person behind it.
    """

    payment_id: UUID
    amount: Decimal | None
    access: Access | None
    reason: str
    author: str
    caller: str
    idempotency_key: str
    request_id: str
    receipt_contact: Contact | None = None

    @property
    def fingerprint(self) -> str:
        amount = None if self.amount is None else to_wire(self.amount)
        asked = [str(self.payment_id), amount, self.access, self.reason, self.author]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


@dataclass(frozen=True)
class Outlook:
    """What an order would do now. `amount` would go back; of what was `paid`, `returned` has and `open` may yet."""

    user_id: int
    description: str
    paid: Decimal
    returned: Decimal
    open: Decimal
    amount: Decimal
    access: Access
    currency: str
    # What was paid for, of 24 hours each.
    days: int = 0


async def look_ahead(services: Services, order: Order) -> Outlook:
    """What `start` would do, without doing it; for a key that is known, what it did. Raises what `start` raises before
    anything is sent."""

    async def look(tx: Transaction) -> Outlook:
        paid = await _lock_paid(tx, order)
        met = await queries.get_situation(tx, paid.id, caller=order.caller, key=order.idempotency_key)
        refund = await _known(tx, order, met) or await _refund_for(tx, services, order, paid, met)
        return Outlook(
            user_id=paid.user_id,
            description=paid.description,
            paid=paid.amount,
            returned=met.returned,
            open=met.open,
            amount=refund.amount,
            access=Access(refund.access or _configured_access(services, paid, met, refund.amount)),
            currency=paid.currency,
        )

    return await services.statements.turns.take_or_queue(look)


async def look_at_rest(tx: Transaction, services: Services, user_id: int, payment_id: UUID) -> Outlook:
    """What sending back all that is left would do. Locks the user's money, then the payment.

    Raises `PaymentNotFound`, for another user's too, `NotRefundable`, and `RefundTooLarge` if nothing is left.
    """
    paid = await queries.lock_paid(tx, payment_id)
    if paid is None or paid.user_id != user_id:
        raise PaymentNotFound
    if because := _not_refundable_because(services, paid):
        raise NotRefundable({"because": because})
    met = await queries.get_situation(tx, paid.id, caller="", key="")
    amount = _refundable(paid, met)
    if amount == 0:
        raise RefundTooLarge({"refundable": to_wire(amount)})
    return Outlook(
        user_id=paid.user_id,
        description=paid.description,
        paid=paid.amount,
        returned=met.returned,
        open=met.open,
        amount=amount,
        access=_configured_access(services, paid, met, amount),
        currency=paid.currency,
        days=paid.duration_days or 0,
    )


def _refundable(paid: Paid, met: Situation) -> Decimal:
    return max(paid.amount - met.returned - met.open, Decimal("0.00"))


def _configured_access(services: Services, paid: Paid, met: Situation, amount: Decimal) -> Access:
    full = is_full(amount=amount, returned_before=met.returned, paid=paid.amount)
    settings = services.settings
    return Access(settings.refund_access_full if full else settings.refund_access_partial)


async def start(services: Services, order: Order) -> Refund:
    """The refund that the order means, sent to the provider, with its state of now.

    The same `Idempotency-Key` gives the same refund. What is open and what has gone back never exceed together what was
    paid. Raises `PaymentNotFound`, `NotRefundable`, `RefundTooLarge`, `AccessExceedsRefund`, `IdempotencyKeyReused`,
    `ReceiptContactRequired` (before any call),
    `RefundRejected` (the refund is FAILED) or, after 8 s at most, `RefundUnanswered`: then the sending goes on,
    and asking again continues the same refund.
    """
    refund, claim = await services.statements.turns.take_or_queue(
        lambda tx: _refund_meant(tx, services, order)
    )
    if refund.yookassa_refund_id is None and refund.state is Status.PENDING:
        if not refund.is_of_shop(services.settings):
            raise _unavailable(refund)
        refund = await _sent(services, refund, claim)
    if refund.state is Status.FAILED:
        raise RefundRejected(_rejection(refund))
    return refund


async def _sent(services: Services, refund: Refund, claim: Claim | None) -> Refund:
    try:
        async with asyncio.timeout(CALLER_WAITS_SECONDS) as patience:
            found = await sent(services, REFUNDS, refund.id, claim)
    except TimeoutError:
        if patience.expired():
            raise _unavailable(refund) from None
        raise
    if found is None:
        raise _unavailable(refund)
    return found


async def _refund_meant(tx: Transaction, services: Services, order: Order) -> tuple[Refund, Claim | None]:
    """Found by its key, or inserted, and then claimed by us; the deed and its entry in the audit log are one."""
    paid = await _lock_paid(tx, order)
    met = await queries.get_situation(tx, paid.id, caller=order.caller, key=order.idempotency_key)
    if known := await _known(tx, order, met):
        return known, None
    refund = await _refund_for(tx, services, order, paid, met)
    made = await queries.insert_claimed(
        tx, refund, lease=LEASE, user_id=paid.user_id, contact=_contact_to_keep(services, order, refund)
    )
    await audit.record(
        tx,
        ACTION,
        Deed(order.caller, order.author, order.reason, order.request_id),
        user_id=paid.user_id,
        details={
            "refund_id": str(made.id),
            "payment_id": str(paid.id),
            "amount": to_wire(made.amount),
            "access": made.access,
        },
    )
    log.info("refund.started", refund_id=made.id, payment_id=paid.id, user_id=paid.user_id)
    return made, Claim.of_new(made)


async def _lock_paid(tx: Transaction, order: Order) -> Paid:
    paid = await queries.lock_paid(tx, order.payment_id)
    if paid is None:
        raise PaymentNotFound
    return paid


async def _known(tx: Transaction, order: Order, met: Situation) -> Refund | None:
    known = None if met.known is None else await queries.get_refund(tx, met.known)
    if known is not None and known.request_fingerprint != order.fingerprint:
        raise IdempotencyKeyReused
    return known


async def _refund_for(
    tx: Transaction, services: Services, order: Order, paid: Paid, met: Situation
) -> Refund:
    """The refund that the order becomes. Raises what `start` raises before anything is sent."""
    if because := _not_refundable_because(services, paid):
        raise NotRefundable({"because": because})
    refundable = _refundable(paid, met)
    amount = refundable if order.amount is None else order.amount
    if amount > refundable or amount == 0:
        raise RefundTooLarge({"refundable": to_wire(refundable)})
    full = is_full(amount=amount, returned_before=met.returned, paid=paid.amount)
    if order.access is Access.CUT_ALL and not full:
        raise AccessExceedsRefund({"left": to_wire(paid.amount - met.returned - amount)})
    expected = _configured_access(services, paid, met, amount)
    refund = Refund(
        id=uuid4(),
        payment_id=paid.id,
        amount=amount,
        currency=paid.currency,
        shop_id=paid.shop_id,
        is_test=paid.is_test,
        made_by=API,
        access=order.access or expected,
        access_stated=order.access is not None,
        reason=order.reason,
        author=order.author,
        caller=order.caller,
        idempotency_key=order.idempotency_key,
        request_fingerprint=order.fingerprint,
    )
    receipt = await _receipt(tx, services, order, refund, paid)
    refund.receipt_registration = "pending" if receipt else None
    refund.request_body = services.vault.seal(_body(refund, paid, receipt))
    return refund


async def _receipt(
    tx: Transaction, services: Services, order: Order, refund: Refund, paid: Paid
) -> Receipt | None:
    """All in one piece needs none: YooKassa repeats the sale's. Whatever is less does, the last part too."""
    if refund.amount == paid.amount:
        return None
    return await receipts.of_refund(
        tx,
        services,
        paid.id,
        order.receipt_contact,
        amount=refund.amount,
        currency=refund.currency,
    )


def _contact_to_keep(services: Services, order: Order, refund: Refund) -> bytes | None:
    named = order.receipt_contact
    is_sent = refund.receipt_registration is not None
    return services.vault.seal(named.to_bytes()) if named and is_sent else None


def _not_refundable_because(services: Services, paid: Paid) -> str | None:
    if not paid.is_settled:
        return "not_succeeded"
    if (paid.shop_id, paid.is_test) != (services.settings.shop_id, services.settings.shop_is_test):
        return "another_shop"
    return "unknown_to_yookassa" if paid.yookassa_payment_id is None else None


def _body(refund: Refund, paid: Paid, receipt: Receipt | None) -> bytes:
    return new_refund_body(
        payment_id=paid.yookassa_payment_id or "",
        amount=refund.amount,
        currency=refund.currency,
        description=f"Возврат: {paid.description}" if paid.description else "Возврат",
        metadata={OUR_MARK: str(refund.id)},
        receipt=receipt.block if receipt else None,
    )


def _rejection(refund: Refund) -> Mapping[str, object]:
    return {
        "refund_id": str(refund.id),
        "reason": None if refund.provider_error_code == NEVER_CREATED else refund.refusal,
    }


def _unavailable(refund: Refund) -> RefundUnanswered:
    return RefundUnanswered({"refund_id": str(refund.id)})


async def get(services: Services, refund_id: UUID) -> Refund:
    """Raises `RefundNotFound`."""
    async with services.statements.transaction() as tx:
        refund = await queries.get_refund(tx, refund_id)
    if refund is None:
        raise RefundNotFound
    return refund


async def list_of(services: Services, payment_id: UUID) -> Sequence[Refund]:
    """Every refund of a payment, the oldest first. Raises `PaymentNotFound`."""
    async with services.statements.transaction() as tx:
        refunds = await queries.list_refunds_of(tx, payment_id)
        if not refunds and not await queries.is_payment(tx, payment_id):
            raise PaymentNotFound
    return refunds


async def list_shown(tx: Transaction, payment_id: UUID) -> Sequence[Refund]:
    """For the history of a payer: the refunds that have succeeded or may yet, the oldest first."""
    return [one for one in await queries.list_refunds_of(tx, payment_id) if one.state in SHOWN]
