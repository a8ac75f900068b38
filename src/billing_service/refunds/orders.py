"""What an operator's order for a refund means: how much may go back, with what access, by which bytes."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.receipts import service as receipts
from billing_service.receipts.contact import Contact
from billing_service.receipts.service import Receipt
from billing_service.refunds import queries
from billing_service.refunds.access import Access, is_full
from billing_service.refunds.matching import OUR_MARK
from billing_service.refunds.models import API, Refund
from billing_service.refunds.queries import Paid, Situation
from billing_service.services import Services
from billing_service.web.errors.payments import PaymentNotFound
from billing_service.web.errors.refunds import AccessExceedsRefund, NotRefundable, RefundTooLarge
from billing_service.web.errors.requests import IdempotencyKeyReused
from billing_service.yookassa.request_bodies import new_refund_body


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


async def lock_paid(tx: Transaction, order: Order) -> Paid:
    """What was paid, with its payer's money and then the payment locked. Raises `PaymentNotFound`."""
    paid = await queries.lock_paid(tx, order.payment_id)
    if paid is None:
        raise PaymentNotFound
    return paid


async def get_known(tx: Transaction, order: Order, met: Situation) -> Refund | None:
    """The refund that was made under this key before. Raises `IdempotencyKeyReused` if it was of another order."""
    known = None if met.known is None else await queries.get_refund(tx, met.known)
    if known is not None and known.request_fingerprint != order.fingerprint:
        raise IdempotencyKeyReused
    return known


async def make_refund(
    tx: Transaction, services: Services, order: Order, paid: Paid, met: Situation
) -> Refund:
    """The refund that the order becomes, not inserted yet.

    Raises `NotRefundable`, `RefundTooLarge`, `AccessExceedsRefund` or, if a part needs a receipt and nobody knows where
    it goes, `ReceiptContactRequired`.
    """
    if because := not_refundable_because(services, paid):
        raise NotRefundable({"because": because})
    refundable = refundable_of(paid, met)
    amount = refundable if order.amount is None else order.amount
    if amount > refundable or amount == 0:
        raise RefundTooLarge({"refundable": to_wire(refundable)})
    full = is_full(amount=amount, returned_before=met.returned, paid=paid.amount)
    if order.access is Access.CUT_ALL and not full:
        raise AccessExceedsRefund({"left": to_wire(paid.amount - met.returned - amount)})
    expected = configured_access(services, paid, met, amount)
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


def contact_to_keep(services: Services, order: Order, refund: Refund) -> bytes | None:
    """The sealed contact that the order names, if it is sent anywhere."""
    named = order.receipt_contact
    is_sent = refund.receipt_registration is not None
    return services.vault.seal(named.to_bytes()) if named and is_sent else None


def not_refundable_because(services: Services, paid: Paid) -> str | None:
    """Why nothing of it can go back by us at all, or None."""
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


def refundable_of(paid: Paid, met: Situation) -> Decimal:
    """Roubles that have neither gone back nor may be on their way."""
    return max(paid.amount - met.returned - met.open, Decimal("0.00"))


def configured_access(services: Services, paid: Paid, met: Situation, amount: Decimal) -> Access:
    """What becomes of the access when nobody says it, as the settings have it, once what is on its way has come too."""
    full = is_full(amount=amount, returned_before=met.returned + met.open, paid=paid.amount)
    settings = services.settings
    return Access(settings.refund_access_full if full else settings.refund_access_partial)
