"""Playing the payer and the shop's staff, and making the provider report what is not so."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import HTTPException, Query
from pydantic import BaseModel, Field

from billing_service.sandbox.control.deps import ThePayment, TheYookassa, room
from billing_service.sandbox.control.log import Notifications
from billing_service.sandbox.control.orders import UNKNOWN, UNKNOWN_OR_IMPOSSIBLE, Order
from billing_service.sandbox.delivery.notifications import announce_plainly
from billing_service.sandbox.model.cards import SUCCEEDING_CARD, BankCard, cancellation, find_card
from billing_service.sandbox.model.objects import Money, Payment, Refund, wire
from billing_service.sandbox.model.records import HistoryLine, PaymentRecord
from billing_service.sandbox.money import refunds, settling

router = room("payments", "/payments")


class PaymentView(Payment):
    """The provider's object, and what it does not show."""

    capture: bool
    save_payment_method: bool | None = None
    history: list[HistoryLine]


class Payments(BaseModel):
    results: list[PaymentView]


class PayOrder(Order):
    card: str | None = Field(default=None, description="A test card's number; one that succeeds by default.")
    save: bool = Field(default=False, description="The payer ticks the box, where the shop left it open.")


class DeclineOrder(Order):
    reason: str = Field(default="general_decline", description="Any reason, also one nobody knows yet.")
    party: str | None = None


class AmountOrder(Order):
    value: Annotated[Decimal, Field(gt=0, decimal_places=2, max_digits=12)]
    currency: str = "RUB"

    def money(self) -> Money:
        return Money(value=self.value.quantize(Decimal("0.01")), currency=self.currency)


class RefundOrder(Order):
    amount: AmountOrder | None = Field(default=None, description="All that is left by default.")


class ReportOrder(Order):
    """What the provider shall report instead of the truth."""

    amount: AmountOrder | None = None
    account_id: str | None = None
    test: bool | None = None


class NotifyOrder(Order):
    event: Literal["payment.succeeded", "payment.waiting_for_capture", "payment.canceled"]


def view(record: PaymentRecord) -> PaymentView:
    return PaymentView(
        **dict(record.payment),
        capture=record.capture,
        save_payment_method=record.save,
        history=record.history,
    )


def known_card(number: str | None) -> BankCard:
    """The card of this number, or the one that always succeeds."""
    card = find_card(number or SUCCEEDING_CARD)
    if card is None:
        raise HTTPException(422, "this is not the number of a test card")
    return card


@router.get("", response_model_exclude_none=True)
async def list_payments(yookassa: TheYookassa, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Payments:
    """All payments, newest first, each with its history."""
    newest = list(reversed(yookassa.state.payments.values()))[:limit]
    return Payments(results=[view(record) for record in newest])


@router.get("/{payment_id}", response_model_exclude_none=True, responses=UNKNOWN)
async def get_payment(record: ThePayment) -> PaymentView:
    return view(record)


@router.post("/{payment_id}/pay", response_model_exclude_none=True, responses=UNKNOWN_OR_IMPOSSIBLE)
async def pay(yookassa: TheYookassa, record: ThePayment, order: PayOrder | None = None) -> PaymentView:
    """The payer confirms; what the card stands for happens, 3-D Secure is passed."""
    order = order or PayOrder()
    method = record.payment.payment_method
    if order.card is None and method is not None and method.type != "bank_card":
        settling.pay_by_wallet(yookassa, record, method.type, save=order.save)
    else:
        settling.pay_by_card(yookassa, record, known_card(order.card), save=order.save)
    return view(record)


@router.post("/{payment_id}/decline", response_model_exclude_none=True, responses=UNKNOWN_OR_IMPOSSIBLE)
async def decline(
    yookassa: TheYookassa, record: ThePayment, order: DeclineOrder | None = None
) -> PaymentView:
    """The attempt fails for this reason."""
    order = order or DeclineOrder()
    settling.decline(yookassa, record, cancellation(order.reason, order.party))
    return view(record)


@router.post("/{payment_id}/refund", response_model_exclude_none=True, responses=UNKNOWN_OR_IMPOSSIBLE)
async def refund(yookassa: TheYookassa, record: ThePayment, order: RefundOrder | None = None) -> Refund:
    """Somebody gives money back in the provider's cabinet; the shop hears of it by notification only."""
    amount = order.amount.money() if order and order.amount else None
    return refunds.refund_in_cabinet(yookassa, record, amount).refund


@router.patch("/{payment_id}", response_model_exclude_none=True, responses=UNKNOWN)
async def report_something_else(record: ThePayment, order: ReportOrder) -> PaymentView:
    """From now on the provider reports this about the payment; nobody is notified."""
    payment = record.payment
    if order.amount is not None:
        payment.amount = order.amount.money()
    if order.account_id is not None:
        payment.recipient.account_id = order.account_id
    if order.test is not None:
        payment.test = order.test
    return view(record)


@router.post("/{payment_id}/notify", responses=UNKNOWN)
async def notify(yookassa: TheYookassa, record: ThePayment, order: NotifyOrder) -> Notifications:
    """Send this notification now, whether it is true or not; the payment stays as it is."""
    status = order.event.removeprefix("payment.")
    claim = wire(record.payment) | {"status": status, "paid": status != "canceled"}
    return Notifications(results=announce_plainly(yookassa, order.event, claim))
