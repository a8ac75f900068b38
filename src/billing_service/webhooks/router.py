"""Where YooKassa tells us that something changed; guarded by address, believed in nothing."""

import json
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from billing_service.kit.middleware import request_id_of
from billing_service.web.dependencies import NotifierAddress, PublicRoute, ServicesDep, SignedBody
from billing_service.web.errors import (
    InvalidJson,
    InvalidPayload,
    NotifierRefused,
    PayloadTooLarge,
    RateLimited,
    SignatureRefused,
    TemporarilyUnavailable,
)
from billing_service.web.responses import answers
from billing_service.webhooks import inbox

EXAMPLE = {
    "type": "notification",
    "event": "payment.succeeded",
    "object": {
        "id": "30f5d918-000f-5000-8000-18db351245c7",
        "status": "succeeded",
        "amount": {"value": "299.00", "currency": "RUB"},
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": EXAMPLE}},
    }
}

router = APIRouter(prefix="/api/v1/billing", tags=["Notifications"], route_class=PublicRoute)


class TakenIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"]


@router.post(
    "/webhooks/yookassa",
    summary="A notification from YooKassa",
    responses=answers(
        InvalidJson,
        InvalidPayload,
        NotifierRefused,
        SignatureRefused,
        PayloadTooLarge,
        RateLimited,
        TemporarilyUnavailable,
    ),
    openapi_extra=BODY,
)
async def receive(
    request: Request, client_ip: NotifierAddress, body: SignedBody, services: ServicesDep
) -> TakenIn:
    """Written down, then answered; what it says is checked with the provider afterwards. Unknown events are answered
    200 and ignored."""
    try:
        notification = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidJson from None
    await inbox.take_in(services, notification, client_ip=client_ip, trace_id=request_id_of(request))
    return TakenIn(status="ok")
