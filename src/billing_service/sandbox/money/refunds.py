"""Money going back: asked for by the shop through the API, or by a person in the provider's cabinet."""

from datetime import timedelta
from decimal import Decimal

from billing_service.sandbox.delivery.notifications import announce
from billing_service.sandbox.model import states
from billing_service.sandbox.model.cards import Cancellation
from billing_service.sandbox.model.errors import ImpossibleMove, Refused, not_found
from billing_service.sandbox.model.faults import Fault, Rule
from billing_service.sandbox.model.objects import (
    Money,
    Payment,
    Refund,
    RefundAuthorization,
    RefundMethod,
    wire,
)
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import PaymentRecord, RefundRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.money import receipts
from billing_service.sandbox.money.settling import refundable_for
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body

# Older payments by card are past what the card schemes return: the refund itself ends canceled. About
# fifteen months since the payment's creation, says the provider's page on refunds.
CARDS_RETURN_FOR = timedelta(days=456)
LATE_OUTCOME = 600.0
# reason -> who says so
REASONS = {
    "insufficient_funds": "yoo_money",
    "general_decline": "refund_network",
    "rejected_by_payee": "refund_network",
    "rejected_by_timeout": "yoo_money",
    "yoo_money_account_closed": "refund_network",
    "payment_expired": "refund_network",
    "payment_basket_id_not_found": "refund_network",
    "payment_article_number_not_found": "refund_network",
    "payment_tru_code_not_found": "refund_network",
    "too_many_refunding_articles": "refund_network",
    "some_articles_already_refunded": "refund_network",
}


def find(yookassa: Yookassa, refund_id: str) -> RefundRecord:
    record = yookassa.state.refunds.get(refund_id)
    if record is None:
        raise not_found("Refund doesn't exist or access denied", parameter="refund_id")
    return record


def create(yookassa: Yookassa, body: Body, twist: Rule | None = None) -> RefundRecord:
    """A refund through the API. A refund that fails is an answer, one that may not be is refused."""
    payment_id = fields.needed_text(body, "payment_id", most=36)
    record = yookassa.state.payments.get(payment_id)
    if record is None:
        raise Refused("Payment not found or forbidden", parameter="payment_id")
    amount = fields.money(body, "amount")
    description = fields.text(body, "description", most=250)
    metadata = fields.metadata(body) or None
    check(yookassa, record, amount)
    partial = amount.value < record.payment.amount.value
    asked = receipts.demand(yookassa, body, amount, needed=partial and record.receipt is not None)
    refund = open_refund(yookassa, record, amount, description=description, metadata=metadata)
    refund.receipt = asked or record.receipt
    refund.refund.receipt_registration = receipts.expected(refund.receipt)
    _bring_or_await_outcome(yookassa, refund, record, twist)
    return refund


def refund_in_cabinet(yookassa: Yookassa, record: PaymentRecord, amount: Money | None) -> RefundRecord:
    """A person at the shop gives money back, all that is left by default. Raises ImpossibleMove."""
    wanted = amount or Money(value=left(yookassa, record.payment), currency=record.payment.amount.currency)
    try:
        check(yookassa, record, wanted)
    except Refused as refused:
        raise ImpossibleMove(refused.description) from refused
    refund = open_refund(yookassa, record, wanted)
    _bring_or_await_outcome(yookassa, refund, record, None)
    return refund


def left(yookassa: Yookassa, payment: Payment) -> Decimal:
    """What can still go back: refunds under way have their part already."""
    taken = (
        record.refund.amount.value
        for record in yookassa.state.refunds.values()
        if record.refund.payment_id == payment.id and record.refund.status is not Status.CANCELED
    )
    return payment.amount.value - sum(taken, Decimal("0.00"))


def check(yookassa: Yookassa, record: PaymentRecord, amount: Money) -> None:
    """Refuses what may not be refunded, in the order in which the provider looks."""
    payment = record.payment
    if payment.status is not Status.SUCCEEDED or not _may_still_go_back(yookassa, payment):
        raise Refused("Payment can not be refunded in current status", parameter="payment_id")
    if amount.currency != payment.amount.currency:
        raise Refused("Currencies do not match", parameter="amount.currency")
    remaining = left(yookassa, payment)
    if remaining <= 0:
        raise Refused("Payment is already completely refunded", parameter="payment_id")
    if amount.value > remaining:
        raise Refused("Refund sum exceeded", parameter="amount.value")
    if yookassa.shop.keep_one_rouble and 0 < remaining - amount.value < 1:
        text = "Remaining payment amount after refund must be greater than 1.00 RUB"
        raise Refused(text, parameter="amount.value")


def _refundable(yookassa: Yookassa, payment: Payment) -> bool:
    return _may_still_go_back(yookassa, payment) and left(yookassa, payment) > 0


def _may_still_go_back(yookassa: Yookassa, payment: Payment) -> bool:
    term = refundable_for(payment)
    return term is not None and yookassa.now - payment.created_at < term


def open_refund(
    yookassa: Yookassa,
    record: PaymentRecord,
    amount: Money,
    *,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
) -> RefundRecord:
    now = yookassa.now
    refund = Refund(
        id=yookassa.ids.dated("refund", "0015", now),
        payment_id=record.payment.id,
        created_at=now,
        amount=amount,
        description=description,
        metadata=metadata,
    )
    opened = RefundRecord(refund=refund)
    opened.note(now, "created")
    yookassa.state.refunds[refund.id] = opened
    record.payment.refundable = _refundable(yookassa, record.payment)
    return opened


def _bring_or_await_outcome(
    yookassa: Yookassa, record: RefundRecord, payment: PaymentRecord, twist: Rule | None
) -> None:
    """Usually the outcome is there at once."""
    if twist is not None and (twist.fault is Fault.DECLINE or twist.reason):
        record.doom = refund_cancellation(twist.reason or "general_decline")
    elif _past_card_schemes(yookassa, payment.payment):
        record.doom = refund_cancellation("payment_expired")
    if twist is not None and twist.fault is Fault.STAY_PENDING:
        seconds = LATE_OUTCOME if twist.seconds is None else twist.seconds
        yookassa.schedule("refund_settles", record.refund.id, timedelta(seconds=seconds))
        return
    bring_outcome(yookassa, record.refund.id)


def _past_card_schemes(yookassa: Yookassa, payment: Payment) -> bool:
    by_card = payment.payment_method is not None and payment.payment_method.type == "bank_card"
    return by_card and yookassa.now - payment.created_at > CARDS_RETURN_FOR


def refund_cancellation(reason: str) -> Cancellation:
    return Cancellation(party=REASONS.get(reason, "refund_network"), reason=reason)


def bring_outcome(yookassa: Yookassa, refund_id: str) -> None:
    """The word on a refund. Only a success is told; the payment's own status never changes."""
    record = yookassa.state.refunds[refund_id]
    refund, paid = record.refund, yookassa.state.payments[record.refund.payment_id]
    payment = paid.payment
    if record.doom is not None:
        refund.status = states.after(states.REFUND, refund.status, "rejected")
        refund.cancellation_details = record.doom
        refund.receipt_registration = refund.receipt_registration and Status.CANCELED
        record.note(yookassa.now, "rejected", str(record.doom))
        payment.refundable = _refundable(yookassa, payment)
        return
    refund.status = states.after(states.REFUND, refund.status, "completed")
    record.note(yookassa.now, "completed")
    _show_how(yookassa, refund, payment)
    paid.note(yookassa.now, "refunded", str(refund.amount.value))
    payment.refunded_amount = refund.amount.plus(payment.refunded_amount)
    if record.receipt is not None:
        receipts.issue(yookassa, record.receipt, payment_id=payment.id, refund_id=refund.id)
    announce(yookassa, "refund.succeeded", wire(refund))


def _show_how(yookassa: Yookassa, refund: Refund, payment: Payment) -> None:
    method = payment.payment_method
    if method is not None and method.type == "sbp" and method.sbp_operation_id:
        refund.refund_method = RefundMethod(type="sbp", sbp_operation_id=method.sbp_operation_id)
    elif method is not None and method.type == "bank_card":
        refund.refund_authorization_details = RefundAuthorization(rrn=yookassa.ids.digits("rrn", 12))
