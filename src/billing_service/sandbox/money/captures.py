"""The second stage: the shop takes the held money, in whole or in part, or gives it back."""

from billing_service.sandbox.model.cards import cancellation
from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.faults import Rule
from billing_service.sandbox.model.method_types import METHOD_TYPES
from billing_service.sandbox.model.objects import Payment
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import PaymentRecord
from billing_service.sandbox.model.states import PAYMENT, Status, after
from billing_service.sandbox.money import receipts
from billing_service.sandbox.money.payments import find
from billing_service.sandbox.money.settling import cancel, take
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body


def capture(yookassa: Yookassa, payment_id: str, body: Body, twist: Rule | None = None) -> PaymentRecord:
    """Take the amount, or all of it; what is not taken returns to the payer at once. Only once.

    With the twist `stay_pending` nothing is taken: the money stays held, and the answer says so.
    """
    record = find(yookassa, payment_id)
    payment = record.payment
    if payment.status is not Status.WAITING_FOR_CAPTURE:
        raise Refused("Payment can not be captured in current status")
    amount = payment.amount if body.get("amount") is None else fields.payment_money(body)
    if amount.currency != payment.amount.currency:
        raise Refused("Currencies do not match", parameter="amount.currency")
    partial = amount.value < payment.amount.value
    if amount.value > payment.amount.value or (partial and not _may_be_partial(payment)):
        raise Refused("Illegal amount for capture", parameter="amount.value")
    if twist is not None:
        return record
    receipt = receipts.demand(yookassa, body, amount, needed=partial and record.receipt is not None)
    record.receipt = receipt or record.receipt
    payment.amount = amount
    payment.status = after(PAYMENT, payment.status, "captured")
    record.note(yookassa.now, "captured", str(amount.value) if partial else None)
    take(yookassa, record)
    return record


def _may_be_partial(payment: Payment) -> bool:
    method = payment.payment_method
    return method is None or METHOD_TYPES[method.type].partial_capture


def void(yookassa: Yookassa, payment_id: str) -> PaymentRecord:
    """Give the held money back at once. Nothing else can be canceled."""
    record = find(yookassa, payment_id)
    status = record.payment.status
    if status is Status.PENDING and record.capture:
        raise Refused("You can not cancel payment with autocapture")
    if status is not Status.WAITING_FOR_CAPTURE:
        raise Refused("Payment can not be canceled in current status")
    cancel(yookassa, record, "voided", cancellation("canceled_by_merchant"))
    return record
