"""Saved methods: kept from a payment, or bound on a page without one. There is no list and no deletion."""

from datetime import timedelta

from billing_service.sandbox.delivery.notifications import announce
from billing_service.sandbox.model import states
from billing_service.sandbox.model.cards import BankCard, Cancellation
from billing_service.sandbox.model.errors import Refused, forbidden, no_recurring, not_found
from billing_service.sandbox.model.objects import PaymentMethod, SavedMethod, wire
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import MethodRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.money.instruments import card_method, wallet_method
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body
from billing_service.sandbox.requests.payments import read_confirmation

BINDABLE = frozenset({"bank_card", "sbp"})
BINDING_WINDOW = timedelta(hours=1)
_CONFIRMATIONS = {"bank_card": {"redirect"}, "sbp": {"redirect", "qr"}}


def find(yookassa: Yookassa, method_id: str) -> MethodRecord:
    record = yookassa.state.methods.get(method_id)
    if record is None:
        raise not_found("Payment method doesn't exist or access denied", parameter="payment_method_id")
    return record


def keep_paid_with(yookassa: Yookassa, method: PaymentMethod) -> None:
    """A payment saved its method: from now on the method can be charged under the payment's id."""
    saved = SavedMethod(**dict(method), holder=yookassa.recipient())
    record = MethodRecord(method=saved.model_copy(deep=True))
    record.note(yookassa.now, "saved")
    yookassa.state.methods[method.id] = record


def bind(yookassa: Yookassa, body: Body) -> MethodRecord:
    """A method that waits for its owner's word, for an hour."""
    if not yookassa.shop.recurring:
        raise no_recurring()
    kind = body.get("type")
    if not fields.is_one_of(kind, BINDABLE):
        raise Refused("Illegal payment method type", parameter="type")
    if body.get("card") is not None:
        raise forbidden("Forbidden to send raw bank card data")
    asked = read_confirmation(body, text_flags=yookassa.shop.text_flags)
    if asked is None or asked.type not in _CONFIRMATIONS[str(kind)]:
        raise fields.illegal("confirmation")
    now = yookassa.now
    method = SavedMethod(
        type=str(kind),
        id=yookassa.ids.dated("method", "0037", now),
        holder=yookassa.recipient(),
        metadata=fields.metadata(body) or None,
    )
    method.confirmation = asked.shown(f"{yookassa.base_url}/bind/{method.id}", method.id)
    record = MethodRecord(
        method=method, enforce_three_d_secure=bool(asked.enforce), return_url=asked.return_url
    )
    record.note(now, "created")
    yookassa.state.methods[method.id] = record
    yookassa.schedule("binding_closes", method.id, BINDING_WINDOW)
    return record


def confirm_card(yookassa: Yookassa, record: MethodRecord, card: BankCard) -> None:
    """The owner shows this card. Raises ImpossibleMove."""
    method = card_method(record.method.id, card)
    if card.decline is not None:
        refuse(yookassa, record, card.decline)
        return
    _activate(yookassa, record, method)


def confirm_account(yookassa: Yookassa, record: MethodRecord) -> None:
    """The owner confirms in the bank's own application. Raises ImpossibleMove."""
    _activate(yookassa, record, wallet_method(yookassa, record.method.id, record.method.type))


def _activate(yookassa: Yookassa, record: MethodRecord, shown: PaymentMethod) -> None:
    method = record.method
    _move(yookassa, record, "confirmed", shown.title)
    method.saved, method.title, method.card = True, shown.title, shown.card
    method.payer_bank_details = shown.payer_bank_details
    announce(yookassa, "payment_method.active", wire(method))


def refuse(yookassa: Yookassa, record: MethodRecord, why: Cancellation) -> None:
    """The binding failed: nobody is told, the shop has to ask. Raises ImpossibleMove."""
    _move(yookassa, record, "refused", str(why))


def close_binding(yookassa: Yookassa, method_id: str) -> None:
    """Nobody confirmed in time. Quiet when somebody did."""
    record = yookassa.state.methods[method_id]
    if record.method.status is Status.PENDING:
        _move(yookassa, record, "expired")


def _move(yookassa: Yookassa, record: MethodRecord, event: str, why: str | None = None) -> None:
    record.method.status = states.after(states.METHOD, record.method.status, event)
    record.method.confirmation, record.challenged = None, None
    record.note(yookassa.now, event, why)
