"""Saved methods: kept from a payment, or bound on a page without one. There is no list and no deletion."""

from datetime import timedelta

from billing_service.sandbox import fields, states
from billing_service.sandbox.cards import BankCard, Cancellation
from billing_service.sandbox.errors import Refused, forbidden, no_recurring, not_found
from billing_service.sandbox.fields import Body
from billing_service.sandbox.instruments import card_method, wallet_method
from billing_service.sandbox.notifications import announce
from billing_service.sandbox.objects import PaymentMethod, SavedMethod, wire
from billing_service.sandbox.payment_requests import read_confirmation
from billing_service.sandbox.records import MethodRecord
from billing_service.sandbox.states import Status
from billing_service.sandbox.world import World

BINDABLE = frozenset({"bank_card", "sbp"})
BINDING_WINDOW = timedelta(hours=1)
_CONFIRMATIONS = {"bank_card": {"redirect"}, "sbp": {"redirect", "qr"}}


def find(world: World, method_id: str) -> MethodRecord:
    record = world.state.methods.get(method_id)
    if record is None:
        raise not_found("Payment method doesn't exist or access denied", parameter="payment_method_id")
    return record


def keep_paid_with(world: World, method: PaymentMethod) -> None:
    """A payment saved its method: from now on the method can be charged under the payment's id."""
    saved = SavedMethod(**dict(method), holder=world.recipient())
    record = MethodRecord(method=saved.model_copy(deep=True))
    record.note(world.now, "saved")
    world.state.methods[method.id] = record


def bind(world: World, body: Body) -> MethodRecord:
    """A method that waits for its owner's word, for an hour."""
    if not world.shop.recurring:
        raise no_recurring()
    kind = body.get("type")
    if not fields.is_one_of(kind, BINDABLE):
        raise Refused("Illegal payment method type", parameter="type")
    if body.get("card") is not None:
        raise forbidden("Forbidden to send raw bank card data")
    asked = read_confirmation(body)
    if asked is None or asked.type not in _CONFIRMATIONS[str(kind)]:
        raise fields.illegal("confirmation")
    now = world.now
    method = SavedMethod(
        type=str(kind),
        id=world.ids.dated("method", "0037", now),
        holder=world.recipient(),
        metadata=fields.metadata(body) or None,
    )
    method.confirmation = asked.shown(f"{world.base_url}/bind/{method.id}", method.id)
    record = MethodRecord(
        method=method, enforce_three_d_secure=bool(asked.enforce), return_url=asked.return_url
    )
    record.note(now, "created")
    world.state.methods[method.id] = record
    world.schedule("binding_closes", method.id, BINDING_WINDOW)
    return record


def confirm_card(world: World, record: MethodRecord, card: BankCard) -> None:
    """The owner shows this card. Raises ImpossibleMove."""
    method = card_method(record.method.id, card)
    if card.decline is not None:
        refuse(world, record, card.decline)
        return
    _activate(world, record, method)


def confirm_account(world: World, record: MethodRecord) -> None:
    """The owner confirms in the bank's own application. Raises ImpossibleMove."""
    _activate(world, record, wallet_method(world, record.method.id, record.method.type))


def _activate(world: World, record: MethodRecord, shown: PaymentMethod) -> None:
    method = record.method
    _move(world, record, "confirmed", shown.title)
    method.saved, method.title, method.card = True, shown.title, shown.card
    method.payer_bank_details = shown.payer_bank_details
    announce(world, "payment_method.active", wire(method))


def refuse(world: World, record: MethodRecord, why: Cancellation) -> None:
    """The binding failed: nobody is told, the shop has to ask. Raises ImpossibleMove."""
    _move(world, record, "refused", str(why))


def close_binding(world: World, method_id: str) -> None:
    """Nobody confirmed in time. Quiet when somebody did."""
    record = world.state.methods[method_id]
    if record.method.status is Status.PENDING:
        _move(world, record, "expired")


def _move(world: World, record: MethodRecord, event: str, why: str | None = None) -> None:
    record.method.status = states.after(states.METHOD, record.method.status, event)
    record.method.confirmation, record.challenged = None, None
    record.note(world.now, event, why)
