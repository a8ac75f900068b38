"""The OpenAPI page: what frontend developers live in."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from billing_service.web.errors import PayloadTooLarge, RateLimited
from billing_service.web.responses import ERROR_SCHEMA, LIMITED, answers

INTRODUCTION = """
Subscription billing on YooKassa. Prices are roubles, times are UTC; a paid day is 24 hours, and a daily limit begins
anew at `resets_at`, midnight in Moscow unless configured otherwise.

* **Authorize** with a service token (`dev-token` in dev mode) and name the user in `X-User-Id`; under `/internal/v1`
  the path names the user.
* Buy: `POST create-payment/`, send the payer to `confirmation_url`, then ask `GET payments/{id}/` and `GET me/`.
* Every failure has one shape: `{"error": {"code", "message", "details", "request_id"}}`. Decide by `code`;
  `message` is Russian and may be shown; quote `request_id` (also in `X-Request-ID`) to support.
* Any address may also answer 404 `NOT_FOUND`, 405 `METHOD_NOT_ALLOWED`, 500 `INTERNAL_ERROR`, and what cannot be read
  400 `MALFORMED_REQUEST` or 431 `HEAD_TOO_LARGE`.
* Every path answers the same with and without its last slash.
"""

Schema = dict[str, Any]
TAGS = [
    {"name": "Plans", "description": "What is on sale. Public."},
    {"name": "Subscription", "description": "Who has access, until when, and what is left of today."},
    {"name": "Payments", "description": "Buying a plan, and what was bought."},
    {"name": "Usage", "description": "For the main backend: may this user analyse one more photo now?"},
    {"name": "Notifications", "description": "For YooKassa only."},
    {"name": "Platform", "description": "For whoever runs the service."},
]
# Both are read by hand, to answer with codes of our own; here is what they must look like.
HEADERS: dict[str, Schema] = {
    "x-user-id": {
        "name": "X-User-Id",
        "required": True,
        "example": "1001",
        "schema": {"type": "string", "pattern": "^0*[1-9][0-9]{0,17}$", "maxLength": 19},
    },
    "idempotency-key": {
        "name": "Idempotency-Key",
        "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": 255},
    },
}


def describe(app: FastAPI) -> None:
    """Give the application its page; a token that was entered survives a reload."""
    app.swagger_ui_parameters = {"persistAuthorization": True}

    def page() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _page(app)
        return app.openapi_schema

    app.openapi = page  # type: ignore[method-assign]


def written(page: Schema) -> str:
    """As `openapi.json` holds it."""
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


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
            _name_the_scope(operation)
            _announce_what_holds_everywhere(operation)
            for parameter in operation.get("parameters", ()):
                parameter.update(HEADERS.get(parameter["name"], {}))
    for schema in schemas.values():
        _put_nulls_back(schema.get("example"), schema, schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return page


def _drop_the_default_422(responses: dict[str, Any]) -> None:
    """FastAPI announces its own shape; our payload errors are declared with ours."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]


def _name_the_scope(operation: Schema) -> None:
    for needed in operation.get("security", ()):
        (scope,) = needed["ServiceToken"]
        operation["description"] = f"{operation['description']}\n\nThe token needs the scope `{scope}`."
        for shown in _shown(operation, 403).values():
            details = shown["value"]["error"]["details"]
            details |= {"required_scope": scope} if "required_scope" in details else {}


def _announce_what_holds_everywhere(operation: Schema) -> None:
    """What is done before a route is asked, or around it: the size of a body, the headers of a limited route."""
    responses = operation["responses"]
    if "requestBody" in operation:
        responses |= {str(status): answer for status, answer in answers(PayloadTooLarge).items()}
    if RateLimited.code in _shown(operation, RateLimited.status):
        for status, answer in responses.items():
            if status.startswith("2"):
                answer["headers"] = LIMITED


def _shown(operation: Schema, status: int) -> Schema:
    """The examples of its failures with this status."""
    answer = operation["responses"].get(str(status), {})
    return answer.get("content", {}).get("application/json", {}).get("examples", {})  # type: ignore[no-any-return]


def _put_nulls_back(example: object, schema: Schema, schemas: Schema) -> None:
    """FastAPI drops the nulls of an example; what is required and missing was one."""
    resolved = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    for choice in resolved.get("anyOf", ()):
        _put_nulls_back(example, choice, schemas)
    if isinstance(example, list):
        for item in example:
            _put_nulls_back(item, resolved.get("items", {}), schemas)
    if isinstance(example, dict):
        example |= {name: None for name in resolved.get("required", ()) if name not in example}
        for name, inner in resolved.get("properties", {}).items():
            _put_nulls_back(example.get(name), inner, schemas)
