"""A payment is opened: by a shop that sends its payer to a page, or by one that charges a saved method."""

from billing_service.sandbox.model.cards import cancellation
from billing_service.sandbox.model.errors import Refused, no_recurring, not_found
from billing_service.sandbox.model.faults import Fault, Rule
from billing_service.sandbox.model.method_types import method_type
from billing_service.sandbox.model.objects import Payment, PaymentMethod
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import AskedReceipt, PaymentRecord
from billing_service.sandbox.money import receipts, tokens
from billing_service.sandbox.money.charges import pick_method
from billing_service.sandbox.money.settling import confirm, pay_by_card
from billing_service.sandbox.requests.payments import AskedPayment

# How long an outcome is awaited when a fault delays it and does not say how long.
LATE_OUTCOME = 600.0


def find(yookassa: Yookassa, payment_id: str) -> PaymentRecord:
    """The payment of this id. Refuses an unknown one as the shop's habits say."""
    record = yookassa.state.payments.get(payment_id)
    if record is None:
        text = "Incorrect payment_id. Payment doesn't exist or access denied"
        if yookassa.shop.unknown_payment == 400:
            raise Refused(text, parameter="payment_id")
        raise not_found(text, parameter="payment_id")
    return record


def open_payment(
    yookassa: Yookassa, asked: AskedPayment, receipt: AskedReceipt | None, twist: Rule | None = None
) -> PaymentRecord:
    """A payment that waits for its payer, or one charged at once; a decline is an answer too, no refusal."""
    if (asked.save or asked.method_id) and not yookassa.shop.recurring:
        raise no_recurring()
    method = None if asked.method_id is None else pick_method(yookassa, asked.method_id)
    card = None if asked.token is None else tokens.spend(yookassa, asked.token)
    record = _new_record(yookassa, asked, receipt)
    _bend(record, twist)
    if method is not None:
        record.doom = record.doom or method.doom
        confirm(yookassa, record, method.method.as_paid_with())
        return record
    if card is not None and not (card.three_d_secure and asked.confirmation):
        pay_by_card(yookassa, record, card)
        return record
    record.challenged = card
    _await_payer(yookassa, record, asked)
    return record


def _await_payer(yookassa: Yookassa, record: PaymentRecord, asked: AskedPayment) -> None:
    payment = record.payment
    if asked.method_type is not None:
        payment.payment_method = PaymentMethod(type=asked.method_type, id=payment.id)
    if asked.confirmation is not None:
        payment.confirmation = asked.confirmation.shown(f"{yookassa.base_url}/pay/{payment.id}", payment.id)
    life = method_type(asked.method_type).life_of(asked.amount.value)
    if life is not None:
        yookassa.schedule("confirmation_closes", payment.id, life)


def _new_record(yookassa: Yookassa, asked: AskedPayment, receipt: AskedReceipt | None) -> PaymentRecord:
    now = yookassa.now
    payment = Payment(
        id=yookassa.ids.payment(now),
        amount=asked.amount,
        created_at=now,
        description=asked.description,
        recipient=yookassa.recipient(asked.gateway_id),
        test=yookassa.shop.test,
        receipt_registration=receipts.expected(receipt),
        metadata=asked.metadata,
        merchant_customer_id=asked.merchant_customer_id,
    )
    record = PaymentRecord(
        payment=payment,
        capture=asked.capture,
        save=asked.save,
        enforce_three_d_secure=bool(asked.confirmation and asked.confirmation.enforce),
        return_url=asked.confirmation.return_url if asked.confirmation else None,
        receipt=receipt,
    )
    record.note(now, "created")
    yookassa.state.payments[payment.id] = record
    return record


def _bend(record: PaymentRecord, twist: Rule | None) -> None:
    """What a fault has in store for this payment."""
    if twist is None:
        return
    if twist.fault is Fault.NOT_SAVED:
        record.save = False
    if twist.fault is Fault.DECLINE or twist.reason is not None:
        record.doom = cancellation(twist.reason or "general_decline")
    if twist.fault is Fault.STAY_PENDING:
        record.outcome_after = LATE_OUTCOME if twist.seconds is None else twist.seconds
