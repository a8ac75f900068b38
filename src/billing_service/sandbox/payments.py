"""The life of a payment: opened by the shop, paid or declined by the payer, ended by time.

Every step goes through the table of states, leaves a line in the history and tells the shop.
"""

from datetime import timedelta
from decimal import Decimal

from billing_service.sandbox import states
from billing_service.sandbox.cards import BankCard, Cancellation, cancellation
from billing_service.sandbox.errors import ImpossibleMove, no_recurring, not_found
from billing_service.sandbox.instruments import authorization, card_method, wallet_method
from billing_service.sandbox.notifications import announce
from billing_service.sandbox.objects import Confirmation, Money, Payment, PaymentMethod, PaymentRecord, wire
from billing_service.sandbox.payment_requests import (
    ONE_STAGE_ONLY,
    STORABLE,
    AskedConfirmation,
    AskedPayment,
)
from billing_service.sandbox.states import Status
from billing_service.sandbox.world import World

CONFIRMATION_WINDOW = timedelta(hours=1)
CONFIRMATION_WINDOWS = {"b2b_sberbank": timedelta(hours=8), "cash": None}
HOLD_WINDOW = timedelta(days=7)
HOLD_WINDOWS = {"sber_loan": timedelta(hours=2)}
# The provider's fee together with the VAT on it.
FEE = Decimal("0.035")
CENT = Decimal("0.01")


def find(world: World, payment_id: str) -> PaymentRecord:
    record = world.state.payments.get(payment_id)
    if record is None:
        raise not_found(
            "Incorrect payment_id. Payment doesn't exist or access denied", parameter="payment_id"
        )
    return record


def open_for_payer(world: World, asked: AskedPayment) -> PaymentRecord:
    """A pending payment that waits for its payer until the confirmation window closes."""
    if asked.save and not world.shop.recurring:
        raise no_recurring()
    record = new_record(world, asked)
    payment = record.payment
    if asked.method_type is not None:
        payment.payment_method = PaymentMethod(type=asked.method_type, id=payment.id)
    if asked.confirmation is not None:
        payment.confirmation = _confirmation(world, payment.id, asked.confirmation)
    window = CONFIRMATION_WINDOWS.get(asked.method_type or "", CONFIRMATION_WINDOW)
    if window is not None:
        world.schedule("confirmation_closes", payment.id, window)
    return record


def new_record(world: World, asked: AskedPayment) -> PaymentRecord:
    now = world.now
    payment = Payment(
        id=world.ids.payment(now),
        amount=asked.amount,
        created_at=now,
        description=asked.description,
        recipient=world.recipient(),
        test=world.shop.test,
        metadata=asked.metadata,
        merchant_customer_id=asked.merchant_customer_id,
    )
    record = PaymentRecord(
        payment=payment,
        capture=asked.capture or asked.method_type in ONE_STAGE_ONLY,
        save=asked.save,
        enforce_three_d_secure=bool(asked.confirmation and asked.confirmation.enforce),
        return_url=asked.confirmation.return_url if asked.confirmation else None,
    )
    record.note(now, "created")
    world.state.payments[payment.id] = record
    return record


def _confirmation(world: World, payment_id: str, asked: AskedConfirmation) -> Confirmation:
    confirmation = Confirmation(type=asked.type, enforce=asked.enforce)
    page = f"{world.base_url}/pay/{payment_id}"
    if asked.type in {"redirect", "mobile_application"}:
        confirmation.confirmation_url, confirmation.return_url = page, asked.return_url
    elif asked.type == "embedded":
        confirmation.confirmation_token = f"ct-{payment_id}"
    elif asked.type == "qr":
        confirmation.confirmation_data = page
    return confirmation


def pay_by_card(world: World, record: PaymentRecord, card: BankCard, *, save: bool = False) -> None:
    """The payer confirms with this card; what the card stands for happens. Raises ImpossibleMove."""
    method = card_method(record.payment.id, card)
    if card.decline is not None:
        decline(world, record, card.decline, method)
        return
    proven = card.three_d_secure or record.enforce_three_d_secure
    settle(world, record, method, three_d_secure=proven, save=save)


def pay_by_wallet(world: World, record: PaymentRecord, method_type: str, *, save: bool = False) -> None:
    """The payer confirms with anything but a card, and it succeeds. Raises ImpossibleMove."""
    settle(world, record, wallet_method(world, record.payment.id, method_type), save=save)


def settle(
    world: World,
    record: PaymentRecord,
    method: PaymentMethod,
    *,
    three_d_secure: bool = False,
    save: bool = False,
) -> None:
    """The money is there: taken when the shop asked for one stage, held when it asked for two."""
    payment = record.payment
    _move(world, record, "paid" if record.capture else "authorized", method.title or method.type)
    keep = method.type in STORABLE and (record.save or (save and record.save is None))
    if not method.saved:
        method.saved, method.status = bool(keep), Status.ACTIVE if keep else Status.INACTIVE
    payment.payment_method = method
    payment.paid = True
    payment.authorization_details = authorization(world, method.type, three_d_secure=three_d_secure)
    if record.capture:
        take(world, record)
        return
    window = HOLD_WINDOWS.get(method.type, HOLD_WINDOW)
    payment.expires_at = world.schedule("hold_ends", payment.id, window)
    announce(world, "payment.waiting_for_capture", wire(payment))


def take(world: World, record: PaymentRecord) -> None:
    """The held or just confirmed money becomes the shop's, less the fee."""
    payment = record.payment
    payment.captured_at, payment.expires_at = world.now, None
    fee = (payment.amount.value * FEE).quantize(CENT)
    payment.income_amount = Money(value=payment.amount.value - fee, currency=payment.amount.currency)
    payment.refunded_amount = Money(value=Decimal("0.00"), currency=payment.amount.currency)
    payment.refundable = True
    announce(world, "payment.succeeded", wire(payment))


def decline(
    world: World, record: PaymentRecord, why: Cancellation, method: PaymentMethod | None = None
) -> None:
    """The attempt failed: the payment ends, or, when the shop is set so, waits for another try."""
    payment = record.payment
    if payment.status is not Status.PENDING:
        raise ImpossibleMove(f"what is {payment.status} cannot be declined")
    if world.shop.decline_keeps_pending and payment.confirmation is not None:
        record.note(world.now, "attempt_declined", f"{why.party}: {why.reason}")
        record.challenged = None
        return
    if method is not None:
        method.status = method.status if method.saved else Status.INACTIVE
        payment.payment_method = method
    cancel(world, record, "declined", why)


def cancel(world: World, record: PaymentRecord, event: str, why: Cancellation) -> None:
    _move(world, record, event, f"{why.party}: {why.reason}")
    payment = record.payment
    payment.paid, payment.refundable, payment.expires_at = False, False, None
    payment.cancellation_details = why
    announce(world, "payment.canceled", wire(payment))


def close_confirmation(world: World, payment_id: str) -> None:
    """Nobody paid in time. Quiet when somebody did."""
    record = world.state.payments[payment_id]
    if record.payment.status is Status.PENDING:
        cancel(world, record, "expired", cancellation("expired_on_confirmation"))


def end_hold(world: World, payment_id: str) -> None:
    """The shop did not capture in time. Quiet when it did, or gave the money back."""
    record = world.state.payments[payment_id]
    if record.payment.status is Status.WAITING_FOR_CAPTURE:
        cancel(world, record, "expired", cancellation("expired_on_capture"))


def _move(world: World, record: PaymentRecord, event: str, why: str | None = None) -> None:
    record.payment.status = states.after(states.PAYMENT, record.payment.status, event)
    record.note(world.now, event, why)
    record.challenged = None
    record.payment.confirmation = None
