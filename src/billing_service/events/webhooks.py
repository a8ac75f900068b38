"""What the main backend receives, on the OpenAPI page: one webhook a kind."""

from typing import Any

from fastapi import APIRouter

from billing_service.events.kinds import KINDS, KindOfEvent
from billing_service.events.payloads import MODELS

ENVELOPE = (
    "Posted to `EVENTS_URL`, signed by the Standard Webhooks scheme; how to verify it, to order it and to take it once "
    "stands in docs/events.md. Any 2xx is a yes, 410 a no for good, everything else is tried again for four days."
)
ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "It was taken. A body may say how the user was told: see docs/events.md."},
    410: {"description": "It is not wanted, now or later."},
}
HEADERS = {
    "webhook-id": ("The `id` of the event, the same at every try.", "5f0e2f52-70c4-4f1b-9a57-5b7f2f6f6a10"),
    "webhook-timestamp": ("When this try was signed, in seconds since 1970.", "1795770000"),
    "webhook-signature": (
        "`v1,` and the signature; two of them, with a blank between, while the secret is changed.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}
SIGNED: dict[str, Any] = {
    # What proves who sent it is the signature.
    "security": [],
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": said,
            "schema": {"type": "string"},
            "example": example,
        }
        for name, (said, example) in HEADERS.items()
    ],
}
STATED = " `state` is the user's whole subscription at that instant."


def _described(known: KindOfEvent) -> str:
    return f"{known.title}.{STATED if known.with_state else ''}\n\n{ENVELOPE}"


def _endpoint(model: Any) -> Any:  # noqa: ANN401 (one of a type made of data)
    async def receive(event: model) -> None: ...

    return receive


webhooks = APIRouter()
for kind, model in MODELS.items():
    webhooks.add_api_route(
        kind,
        _endpoint(model),
        methods=["POST"],
        name=kind,
        operation_id=f"receive_{kind.replace('.', '_')}",
        tags=["Events"],
        summary=KINDS[kind].title,
        description=_described(KINDS[kind]),
        status_code=204,
        responses=ANSWERS,
        openapi_extra=SIGNED,
    )
