"""The OpenAPI page: what frontend developers live in."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from billing_service.errors import ERROR_SCHEMA

INTRODUCTION = """
Subscription billing on YooKassa. Prices are roubles, times are UTC, a day is 24 hours.

* **Authorize** with a service token (`dev-token` in dev mode) and name the user in `X-User-Id`.
* Buy: `POST create-payment/`, send the payer to `confirmation_url`, then ask `GET payments/{id}/` and `GET me/`.
* Every failure has one shape: `{"error": {"code", "message", "details", "request_id"}}`. Decide by `code`;
  `message` is Russian and may be shown; quote `request_id` (also in `X-Request-ID`) to support.
* Every path answers the same with and without its last slash.
"""

TAGS = [
    {"name": "Plans", "description": "What is on sale. Public."},
    {"name": "Subscription", "description": "Who has access, until when, and what is left of today."},
    {"name": "Payments", "description": "Buying a plan, and what was bought."},
    {"name": "Notifications", "description": "For YooKassa only."},
    {"name": "Platform", "description": "For whoever runs the service."},
]


def describe(app: FastAPI) -> None:
    """Give the application its page."""

    def page() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _page(app)
        return app.openapi_schema

    app.openapi = page  # type: ignore[method-assign]


def _page(app: FastAPI) -> dict[str, Any]:
    page = get_openapi(title=app.title, version="1", description=INTRODUCTION, routes=app.routes, tags=TAGS)
    schemas = page["components"]["schemas"]
    schemas["Error"] = ERROR_SCHEMA
    page["components"]["securitySchemes"] = {
        "ServiceToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "A service token with the right scope.",
        }
    }
    for operations in page["paths"].values():
        for operation in operations.values():
            _drop_the_default_422(operation["responses"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return page


def _drop_the_default_422(responses: dict[str, Any]) -> None:
    """FastAPI announces its own shape; our payload errors are declared with ours."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
