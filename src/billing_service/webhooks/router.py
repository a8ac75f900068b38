"""Where YooKassa tells us that something changed; guarded by address, believed in nothing."""

import json
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from billing_service.kit.middleware import request_id_of
from billing_service.kit.wire import json_answer
from billing_service.web.dependencies import Limits, services_of
from billing_service.web.errors.requests import (
    InvalidJson,
    InvalidPayload,
    NotifierRefused,
    PayloadTooLarge,
    SignatureRefused,
    TemporarilyUnavailable,
)
from billing_service.web.notifier import notifier_address, signed_body
from billing_service.web.ratelimits import WEBHOOK, WEBHOOK_STRANGERS, WEBHOOK_TRUSTED
from billing_service.web.responses import answers
from billing_service.web.routes import SAFE_TO_REPEAT, PublicRoute
from billing_service.webhooks import inbox
from billing_service.webhooks.events import USED

# Of a kind that we do not use, so that whoever sends it from the page sets nothing going.
EXAMPLE = {
    "type": "notification",
    "event": "payout.succeeded",
    "object": {
        "id": "po-285c5ee7-0003-5000-a000-08eb88fc8bc5",
        "status": "succeeded",
        "amount": {"value": "299.00", "currency": "RUB"},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["type", "event", "object"],
    "properties": {
        "type": {"const": "notification"},
        "event": {
            "type": "string",
            "description": f"Looked into: {', '.join(f'`{event}`' for event in sorted(USED))}. Any other is ignored.",
        },
        "object": {
            "type": "object",
            "description": "What it happened to. Of all that it says only `id` is used.",
        },
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": SCHEMA, "example": EXAMPLE}},
    }
}

router = APIRouter(prefix="/api/v1/billing", tags=["Notifications"], route_class=PublicRoute)


class NotificationOut(BaseModel):
    """Received, which is all that YooKassa asks; nothing has been decided by it."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"]


@router.post(
    "/webhooks/yookassa",
    summary="A notification from YooKassa",
    response_model=NotificationOut,
    responses=answers(
        InvalidJson,
        InvalidPayload,
        NotifierRefused,
        SignatureRefused,
        PayloadTooLarge,
        TemporarilyUnavailable,
        limited_by=(WEBHOOK_TRUSTED, WEBHOOK, WEBHOOK_STRANGERS),
    ),
    openapi_extra=BODY | SAFE_TO_REPEAT,
)
async def receive_notification(request: Request) -> Response:
    """Written down, then answered; what it says is checked with the provider afterwards. An event that is not used is
    answered 200 and ignored, as the example is: to see a payment settled, pay one in the demo."""
    services, answer = services_of(request), json_answer({"status": "ok"})
    client_ip = await notifier_address(request, Limits(services, answer))
    body = await signed_body(request)
    try:
        notification = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidJson from None
    await inbox.take_in(services, notification, client_ip=client_ip, trace_id=request_id_of(request))
    return answer
