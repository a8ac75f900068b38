"""What a control route may ask for, and from whom it takes what."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request

from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import MethodRecord, PaymentRecord
from billing_service.sandbox.pages.rendering import is_from_elsewhere
from billing_service.sandbox.scheduler import Scheduler


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


def room(tag: str, prefix: str = "") -> APIRouter:
    """Where routes of this API are put: each takes its orders from here, and in text."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        dependencies=[Depends(no_stranger), Depends(whole_text)],
        responses={
            400: {"description": "The body is no text"},
            403: {"description": "Another site's page sent it"},
        },
    )


async def the_yookassa(request: Request) -> Yookassa:
    yookassa: Yookassa = request.app.state.yookassa
    return yookassa


async def the_scheduler(request: Request) -> Scheduler:
    scheduler: Scheduler = request.app.state.scheduler
    return scheduler


async def the_sender(request: Request) -> NotificationSender:
    sender: NotificationSender = request.app.state.sender
    return sender


TheYookassa = Annotated[Yookassa, Depends(the_yookassa)]
TheScheduler = Annotated[Scheduler, Depends(the_scheduler)]
TheSender = Annotated[NotificationSender, Depends(the_sender)]


async def the_payment(payment_id: str, yookassa: TheYookassa) -> PaymentRecord:
    record = yookassa.state.payments.get(payment_id)
    if record is None:
        raise HTTPException(404, f"no payment {payment_id}")
    return record


async def the_method(method_id: str, yookassa: TheYookassa) -> MethodRecord:
    record = yookassa.state.methods.get(method_id)
    if record is None:
        raise HTTPException(404, f"no payment method {method_id}")
    return record


TheMethod = Annotated[MethodRecord, Depends(the_method)]
ThePayment = Annotated[PaymentRecord, Depends(the_payment)]
