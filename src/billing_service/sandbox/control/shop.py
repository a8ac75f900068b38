"""The shop's features, the clock, and starting anew."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from billing_service.sandbox.control.deps import TheScheduler, TheYookassa, room
from billing_service.sandbox.control.orders import IMPOSSIBLE, Order
from billing_service.sandbox.model.clock import LONGEST_WAIT, Moment
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.shop import Features, Habits
from billing_service.sandbox.requests.receipt_codes import PROVIDERS

router = room("shop and clock")


def known_provider(name: str) -> str:
    if name not in PROVIDERS:
        raise ValueError("one of: " + ", ".join(sorted(PROVIDERS)))
    return name


Wait = Annotated[float, Field(ge=0, le=LONGEST_WAIT)]
Provider = Annotated[str, AfterValidator(known_provider)]


class ShopView(Features, Habits):
    account_id: str
    gateway_id: str


class ShopOrder(Order):
    """Only what is given changes; see the answer for what each switch means."""

    test: bool | None = None
    recurring: bool | None = None
    fiscalization: bool | None = None
    fiscalization_provider: Provider | None = None
    notify_url: str | None = None
    secret_key: str | None = None
    decline_keeps_pending: bool | None = None
    offer_saving: bool | None = None
    unknown_payment: Literal[404, 400] | None = None
    replay: Literal["first", "current"] | None = None
    meanwhile: Literal["wait", "error_500"] | None = None
    refusal_uses_key: bool | None = None
    canceled_hold_paid: bool | None = None
    text_flags: bool | None = None
    keep_one_rouble: bool | None = None
    retry_offsets: list[Wait] | None = None


class ClockView(BaseModel):
    now: Moment
    frozen: bool


class ClockOrder(Order):
    """Freeze or let run first, then set, then advance."""

    freeze: bool | None = None
    set: datetime | None = None
    advance_seconds: Wait | None = None


@router.get("/shop")
async def get_shop(yookassa: TheYookassa) -> ShopView:
    return ShopView.model_validate(yookassa.shop, from_attributes=True)


@router.put("/shop")
async def change_shop(yookassa: TheYookassa, order: ShopOrder) -> ShopView:
    """Switch features on and off; a `notify_url` of null stops the notifications."""
    for name, value in order.model_dump(exclude_unset=True).items():
        if value is not None or name == "notify_url":
            setattr(yookassa.shop, name, value)
    return ShopView.model_validate(yookassa.shop, from_attributes=True)


def _clock_view(yookassa: Yookassa) -> ClockView:
    return ClockView(now=yookassa.now, frozen=yookassa.clock.frozen)


@router.get("/clock")
async def get_clock(yookassa: TheYookassa) -> ClockView:
    return _clock_view(yookassa)


@router.post("/clock", responses=IMPOSSIBLE)
async def turn_clock(yookassa: TheYookassa, scheduler: TheScheduler, order: ClockOrder) -> ClockView:
    """Answers when all that fell due on the way has happened at its moment, deliveries included."""
    if order.freeze is not None:
        (yookassa.clock.freeze if order.freeze else yookassa.clock.unfreeze)()
    if order.set is not None:
        await scheduler.turn_to(order.set if order.set.tzinfo else order.set.replace(tzinfo=UTC))
    if order.advance_seconds is not None:
        await scheduler.advance(timedelta(seconds=order.advance_seconds))
    return _clock_view(yookassa)


@router.post("/reset")
async def reset(yookassa: TheYookassa) -> ClockView:
    """Forget everything and begin as at the first start: real time, no faults, the same seed."""
    yookassa.reset()
    return _clock_view(yookassa)
