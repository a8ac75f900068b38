"""What becomes of a payment: confirmed, held, taken, declined, given back, or ended by time.

Every step goes through the table of states, leaves a line in the history and tells the shop.
"""

from datetime import timedelta
from decimal import Decimal

from billing_service.sandbox.delivery.notifications import announce
from billing_service.sandbox.model import states
from billing_service.sandbox.model.cards import BankCard, Cancellation, cancellation
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.method_types import METHOD_TYPES
from billing_service.sandbox.model.objects import Money, Payment, PaymentMethod, wire
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import PaymentRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.money import methods, receipts
from billing_service.sandbox.money.instruments import authorization, card_method, wallet_method

# The provider's fee together with the VAT on it.
FEE = Decimal("0.035")
CENT = Decimal("0.01")


def pay_by_card(yookassa: Yookassa, record: PaymentRecord, card: BankCard, *, save: bool = False) -> None:
    """The payer confirms with this card; what the card stands for happens. Raises ImpossibleMove."""
    method = card_method(record.payment.id, card)
    if card.decline is not None:
        decline(yookassa, record, card.decline, method)
        return
    proven = card.three_d_secure or record.enforce_three_d_secure
    confirm(yookassa, record, method, three_d_secure=proven, save=save)


def pay_by_wallet(yookassa: Yookassa, record: PaymentRecord, method_type: str, *, save: bool = False) -> None:
    """The payer confirms with anything but a card, and it succeeds. Raises ImpossibleMove."""
    confirm(yookassa, record, wallet_method(yookassa, record.payment.id, method_type), save=save)


def confirm(
    yookassa: Yookassa,
    record: PaymentRecord,
    method: PaymentMethod,
    *,
    three_d_secure: bool = False,
    save: bool = False,
) -> None:
    """Nobody has to do anything more: the outcome is there now, or later when a fault says so."""
    payment = record.payment
    states.after(states.PAYMENT, payment.status, "paid" if record.capture else "authorized")
    if record.confirmed:
        raise ImpossibleMove("what is confirmed waits for its outcome")
    if record.save is None:
        record.save = save or None
    record.confirmed, record.challenged, payment.confirmation = True, None, None
    payment.payment_method = method
    payment.authorization_details = authorization(yookassa, method.type, three_d_secure=three_d_secure)
    if record.outcome_after is not None:
        record.note(yookassa.now, "outcome_awaited")
        yookassa.schedule("outcome_arrives", payment.id, timedelta(seconds=record.outcome_after))
        return
    bring_outcome(yookassa, payment.id)


def bring_outcome(yookassa: Yookassa, payment_id: str) -> None:
    """The bank's word on a confirmed payment: held where shop and method have a second stage, else taken."""
    record = yookassa.state.payments[payment_id]
    payment = record.payment
    method = payment.payment_method
    if method is None or payment.status is not Status.PENDING:
        return
    if not METHOD_TYPES[method.type].allows(payment.amount.value):
        record.doom = record.doom or cancellation("payment_method_limit_exceeded")
    if record.doom is not None:
        decline(yookassa, record, record.doom, method)
        return
    hold = None if record.capture else METHOD_TYPES[method.type].hold
    _move(yookassa, record, "authorized" if hold else "paid", method.title or method.type)
    payment.paid = True
    if not method.saved:
        _keep_or_forget(yookassa, record, method)
    if hold is None:
        take(yookassa, record)
        return
    payment.expires_at = yookassa.schedule("hold_ends", payment.id, hold)
    announce(yookassa, "payment.waiting_for_capture", wire(payment))


def _keep_or_forget(yookassa: Yookassa, record: PaymentRecord, method: PaymentMethod) -> None:
    """Only a storable method that shop and payer agreed to save becomes chargeable."""
    method.saved = bool(record.save) and METHOD_TYPES[method.type].storable
    method.status = Status.ACTIVE if method.saved else Status.INACTIVE
    if method.saved:
        methods.keep_paid_with(yookassa, method)


def refundable_for(payment: Payment) -> timedelta | None:
    """How long after its creation this payment can go back through the API; None: never."""
    method = payment.payment_method
    return METHOD_TYPES[method.type].refundable_for if method else None


def _open_refunds(yookassa: Yookassa, payment: Payment) -> None:
    term = refundable_for(payment)
    payment.refundable = term is not None
    if term is not None:
        yookassa.schedule("refunds_close", payment.id, payment.created_at + term - yookassa.now)


def close_refunds(yookassa: Yookassa, payment_id: str) -> None:
    """The term is over: from now on nothing goes back through the API."""
    yookassa.state.payments[payment_id].payment.refundable = False


def take(yookassa: Yookassa, record: PaymentRecord) -> None:
    """The held or just confirmed money becomes the shop's, less the fee."""
    payment = record.payment
    payment.captured_at, payment.expires_at = yookassa.now, None
    fee = (payment.amount.value * FEE).quantize(CENT)
    payment.income_amount = Money(value=payment.amount.value - fee, currency=payment.amount.currency)
    payment.refunded_amount = Money(value=Decimal("0.00"), currency=payment.amount.currency)
    _open_refunds(yookassa, payment)
    if record.receipt is not None:
        receipts.issue(yookassa, record.receipt, payment_id=payment.id)
    announce(yookassa, "payment.succeeded", wire(payment))


def decline(
    yookassa: Yookassa, record: PaymentRecord, why: Cancellation, method: PaymentMethod | None = None
) -> None:
    """The attempt failed: the payment ends, or, when the shop is set so, waits for another try."""
    payment = record.payment
    if payment.status is not Status.PENDING:
        raise ImpossibleMove(f"what is {payment.status} cannot be declined")
    if yookassa.shop.decline_keeps_pending and payment.confirmation is not None:
        record.note(yookassa.now, "attempt_declined", str(why))
        record.challenged = None
        return
    if method is not None:
        method.status = Status.ACTIVE if method.saved else Status.INACTIVE
        payment.payment_method = method
    cancel(yookassa, record, "declined", why)


def cancel(yookassa: Yookassa, record: PaymentRecord, event: str, why: Cancellation) -> None:
    payment = record.payment
    held = payment.status is Status.WAITING_FOR_CAPTURE
    _move(yookassa, record, event, str(why))
    payment.paid = held and yookassa.shop.canceled_hold_paid
    payment.expires_at, payment.authorization_details = None, payment.authorization_details if held else None
    payment.cancellation_details = why
    if payment.receipt_registration is not None:
        payment.receipt_registration = Status.CANCELED
    announce(yookassa, "payment.canceled", wire(payment))


def close_confirmation(yookassa: Yookassa, payment_id: str) -> None:
    """Nobody confirmed in time. Quiet when somebody did."""
    record = yookassa.state.payments[payment_id]
    if record.payment.status is Status.PENDING and not record.confirmed:
        cancel(yookassa, record, "expired", cancellation("expired_on_confirmation"))


def end_hold(yookassa: Yookassa, payment_id: str) -> None:
    """The shop did not capture in time. Quiet when it did, or gave the money back."""
    record = yookassa.state.payments[payment_id]
    if record.payment.status is Status.WAITING_FOR_CAPTURE:
        cancel(yookassa, record, "expired", cancellation("expired_on_capture"))


def _move(yookassa: Yookassa, record: PaymentRecord, event: str, why: str | None = None) -> None:
    record.payment.status = states.after(states.PAYMENT, record.payment.status, event)
    record.note(yookassa.now, event, why)
    record.challenged = None
    record.payment.confirmation = None
