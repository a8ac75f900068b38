"""What a route says on the OpenAPI page about its failures."""

from typing import Any

from billing_service.kit.errors import BillingError, Unavailable
from billing_service.kit.failures import body_of
from billing_service.web.errors import LimitHeld, RateLimited

RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
LIMITED = {
    "RateLimit-Policy": {
        "description": "The limit: its quota and its window in seconds.",
        "schema": {"type": "string", "example": '"billing_create_payment";q=20;w=3600'},
    },
    "RateLimit": {
        "description": "What remains, and in how many seconds there will be more.",
        "schema": {"type": "string", "example": '"billing_create_payment";r=19;t=3600'},
    },
}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; decide by it."},
                "message": {"type": "string", "description": "Russian; may be shown to the user."},
                "details": {"type": "object", "description": "Depends on the code; see its example."},
                "request_id": {"type": "string", "description": "Quote it to support."},
            },
        }
    },
}


def answers(*errors: type[BillingError]) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides success, for its OpenAPI page, with an example of each."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        response = responses.setdefault(
            error.status,
            {
                "description": "",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {}}
                },
            },
        )
        examples = response["content"]["application/json"]["examples"]
        name = error.code if error.code not in examples else f"{error.code} ({error.__name__})"
        examples[name] = {"summary": error.message, "value": body_of(error(error.example), "9f1c2ab0")}
        codes = dict.fromkeys(example["value"]["error"]["code"] for example in examples.values())
        response["description"] = " · ".join(f"`{code}`" for code in codes)
        if issubclass(error, LimitHeld | RateLimited | Unavailable):
            response["headers"] = response.get("headers", {}) | RETRY_AFTER
        if error is RateLimited:
            response["headers"] |= LIMITED
    return responses
