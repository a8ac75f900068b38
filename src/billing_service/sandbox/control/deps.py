"""What a control route may ask for, and from whom it takes what."""

import json
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from billing_service.sandbox.courier import Courier
from billing_service.sandbox.pages import is_from_elsewhere
from billing_service.sandbox.records import MethodRecord, PaymentRecord
from billing_service.sandbox.timekeeper import Timekeeper
from billing_service.sandbox.world import World


async def no_stranger(request: Request) -> None:
    """Anybody may look; orders do not come from a page of another site that this person happens to visit."""
    if request.method != "GET" and is_from_elsewhere(request):
        raise HTTPException(403, "another site's page gives no orders")


async def whole_text(request: Request) -> None:
    """Half of a surrogate pair could never be written down nor sent."""
    try:
        said = json.loads(await request.body())
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise HTTPException(400, "half a character is no text") from None
    except (ValueError, RecursionError):
        return  # no JSON: the route says what is wrong, if it reads it


async def the_world(request: Request) -> World:
    world: World = request.app.state.world
    return world


async def the_timekeeper(request: Request) -> Timekeeper:
    timekeeper: Timekeeper = request.app.state.timekeeper
    return timekeeper


async def the_courier(request: Request) -> Courier:
    courier: Courier = request.app.state.courier
    return courier


TheWorld = Annotated[World, Depends(the_world)]
TheTimekeeper = Annotated[Timekeeper, Depends(the_timekeeper)]
TheCourier = Annotated[Courier, Depends(the_courier)]


async def the_payment(payment_id: str, world: TheWorld) -> PaymentRecord:
    record = world.state.payments.get(payment_id)
    if record is None:
        raise HTTPException(404, f"no payment {payment_id}")
    return record


async def the_method(method_id: str, world: TheWorld) -> MethodRecord:
    record = world.state.methods.get(method_id)
    if record is None:
        raise HTTPException(404, f"no payment method {method_id}")
    return record


TheMethod = Annotated[MethodRecord, Depends(the_method)]
ThePayment = Annotated[PaymentRecord, Depends(the_payment)]
