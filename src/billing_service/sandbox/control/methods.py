"""Saved methods: playing their owner, and deciding how later charges end."""

from pydantic import BaseModel

from billing_service.sandbox.control.deps import TheMethod, TheYookassa, room
from billing_service.sandbox.control.log import Limit
from billing_service.sandbox.control.orders import UNKNOWN, UNKNOWN_OR_IMPOSSIBLE, Order
from billing_service.sandbox.control.payments import DeclineOrder, known_card
from billing_service.sandbox.model.cards import Cancellation, cancellation
from billing_service.sandbox.model.objects import SavedMethod
from billing_service.sandbox.model.records import HistoryLine, MethodRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.money import methods, tokens

router = room("saved methods", "/payment_methods")
tokens_router = room("saved methods", "/payment_tokens")


class MethodView(SavedMethod):
    """The provider's object, and how its charges end."""

    declines: Cancellation | None
    history: list[HistoryLine]


class Methods(BaseModel):
    results: list[MethodView]


class Token(BaseModel):
    payment_token: str


class CardOrder(Order):
    card: str | None = None


class MethodOrder(Order):
    """What is given changes: `decline_reason` for every later charge (null: they succeed), `available`."""

    decline_reason: str | None = None
    party: str | None = None
    available: bool | None = None


def view(record: MethodRecord) -> MethodView:
    return MethodView(**dict(record.method), declines=record.doom, history=record.history)


@tokens_router.post("")
async def mint_token(yookassa: TheYookassa, order: CardOrder | None = None) -> Token:
    """What the provider's script in a shop's own form makes of a card: good for one payment."""
    return Token(payment_token=tokens.mint(yookassa, known_card(order.card if order else None)))


@router.get("", response_model_exclude_none=True)
async def list_methods(yookassa: TheYookassa, limit: Limit = 100) -> Methods:
    """All methods, saved by payments or bound, newest first. The provider itself has no such list."""
    newest = list(reversed(yookassa.state.methods.values()))[:limit]
    return Methods(results=[view(record) for record in newest])


@router.get("/{method_id}", response_model_exclude_none=True, responses=UNKNOWN)
async def get_method(record: TheMethod) -> MethodView:
    return view(record)


@router.post("/{method_id}/confirm", response_model_exclude_none=True, responses=UNKNOWN_OR_IMPOSSIBLE)
async def confirm(yookassa: TheYookassa, record: TheMethod, order: CardOrder | None = None) -> MethodView:
    """The owner binds it with this card; a declined card ends the binding."""
    if record.method.type == "bank_card":
        methods.confirm_card(yookassa, record, known_card(order.card if order else None))
    else:
        methods.confirm_account(yookassa, record)
    return view(record)


@router.post("/{method_id}/refuse", response_model_exclude_none=True, responses=UNKNOWN_OR_IMPOSSIBLE)
async def refuse(yookassa: TheYookassa, record: TheMethod, order: DeclineOrder | None = None) -> MethodView:
    """The binding fails; the shop is not told."""
    order = order or DeclineOrder()
    methods.refuse(yookassa, record, cancellation(order.reason, order.party))
    return view(record)


@router.patch("/{method_id}", response_model_exclude_none=True, responses=UNKNOWN)
async def change_method(record: TheMethod, order: MethodOrder) -> MethodView:
    """A card that was saved well may decline later, or be no longer available at all."""
    if "decline_reason" in order.model_fields_set:
        reason = order.decline_reason
        record.doom = None if reason is None else cancellation(reason, order.party)
    if order.available is not None:
        record.method.status = Status.ACTIVE if order.available else Status.INACTIVE
    return view(record)
