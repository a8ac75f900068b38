"""The OpenAPI page: what frontend developers live in."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from billing_service.kit.tokens import challenge
from billing_service.web import examples
from billing_service.web.errors.requests import PayloadTooLarge, RateLimited, ScopeMissing
from billing_service.web.ratelimits import SCOPES
from billing_service.web.responses import ERROR_CODE_SCHEMA, ERROR_SCHEMA, answers, headers_of_limits

INTRODUCTION = """
**An app or a browser never calls this service.** It calls the EatFit24 main backend, which passes `/api/v1/billing/*`
on and adds two headers that nobody else may set: `Authorization` with its service token, and `X-User-Id` with the user
who is signed in. Under `/internal/v1` the backend asks for itself, and the path names the user.

Subscription billing on YooKassa. Prices are roubles, times are UTC; a paid day is 24 hours, and a daily limit begins
anew at `resets_at`, midnight in Moscow unless configured otherwise.

* **Try it**: under `make dev` press *Authorize*, enter `dev-token`, and execute any operation as it is shown.
* **Buy**: `POST create-payment/`, send the payer to `confirmation_url`, then ask `GET payments/{payment_id}/` and
  `GET me/`.
* **Failures** have one shape: `{"error": {"code", "message", "details", "request_id"}}`. Decide by `code`;
  `message` is Russian and may be shown; quote `request_id` (also in `X-Request-ID`) to support.
* **Again**: `x-safe-to-repeat` of an operation says whether it may be sent again when its answer was lost: `always`,
  with the same `Idempotency-Key` or `operation_id`, or `never`. What was answered 429 has not been done.
* **Anywhere**: any address may also answer 404 `NOT_FOUND`, 405 `METHOD_NOT_ALLOWED`, 500 `INTERNAL_ERROR`, and what
  cannot be read 400 `MALFORMED_REQUEST` or 431 `HEAD_TOO_LARGE`; every path answers the same with and without its last
  slash.
"""

Schema = dict[str, Any]
TAGS = [
    {
        "name": "Plans",
        "description": "What is on sale, public; and for operators: what was ever sold, and changing it.",
    },
    {"name": "Subscription", "description": "Who has access, until when, and what is left of today."},
    {"name": "Payment methods", "description": "The saved card: bound, shown, refused for good."},
    {"name": "Consents", "description": "What a user agreed to be charged for, again and again."},
    {"name": "Payments", "description": "Buying a plan, and what was bought."},
    {"name": "Refunds", "description": "For operators: money that goes back."},
    {"name": "Usage", "description": "For the main backend: may this user analyse one more photo now?"},
    {
        "name": "Users",
        "description": "For the main backend: how users stand, one, many or everybody who has access, and how it came.",
    },
    {"name": "Stats", "description": "Figures over all users and all money."},
    {
        "name": "NPD",
        "description": "The register of a self-employed person's shop: what the tax office must know.",
    },
    {"name": "Receipts", "description": "Where a user's receipts (54-FZ) go."},
    {"name": "Renewals", "description": "Payers who were told of a charge, and who will be charged what."},
    {"name": "Charging", "description": "May saved methods be charged? The stop switch."},
    {"name": "Grants", "description": "Days given by hand."},
    {"name": "Events", "description": "For the main backend: what happened, pushed and to be asked for."},
    {"name": "Notifications", "description": "For YooKassa only."},
    {"name": "Platform", "description": "For whoever runs the service."},
]
LICENCE = {"name": "MIT", "identifier": "MIT"}
SERVERS = [{"url": "/", "description": "the service that serves this page"}]
SECURITY_SCHEMES = {
    "ServiceToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "A service token with the right scope; `dev-token` under `make dev`.",
    }
}
# Both are read by hand, to answer with codes of our own; here is what they must look like.
HEADERS: dict[str, Schema] = {
    "x-user-id": {
        "name": "X-User-Id",
        "required": True,
        "schema": {"type": "string", "pattern": "^0*[1-9][0-9]{0,17}$", "maxLength": 19},
    },
    "idempotency-key": {
        "name": "Idempotency-Key",
        "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": 255},
    },
    "x-user-ip": {"name": "X-User-IP", "schema": {"type": "string"}},
    "x-user-agent": {"name": "X-User-Agent", "schema": {"type": "string"}},
}


def describe(app: FastAPI) -> None:
    """Give the application its page; a token that was entered survives a reload."""
    app.swagger_ui_parameters = {"persistAuthorization": True}

    def page() -> Schema:
        if app.openapi_schema is None:
            app.openapi_schema = _page(app)
        return app.openapi_schema

    app.openapi = page  # type: ignore[method-assign]


def written(page: Schema) -> str:
    """As `openapi.json` holds it."""
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


def _page(app: FastAPI) -> Schema:
    page = get_openapi(
        title=app.title,
        version="1",
        description=INTRODUCTION,
        routes=app.routes,
        webhooks=app.webhooks.routes,
        tags=TAGS,
        servers=SERVERS,
        license_info=LICENCE,
    )
    schemas = page["components"]["schemas"]
    schemas |= {"Error": ERROR_SCHEMA, "ErrorCode": ERROR_CODE_SCHEMA}
    page["components"]["securitySchemes"] = SECURITY_SCHEMES
    for told in _operations(page["webhooks"]):
        _drop_the_default_422(told["responses"])
    for method, operation in _methods(page["paths"]):
        _say_whether_a_repeat_is_safe(method, operation)
        _drop_the_default_422(operation["responses"])
        _name_the_scope(operation)
        _announce_what_holds_everywhere(operation)
        _say_what_a_success_is(operation["responses"], schemas)
        for parameter in operation.get("parameters", ()):
            examples.fill_in(parameter)
            parameter.update(HEADERS.get(parameter["name"], {}))
        operation["responses"] = dict(sorted(operation["responses"].items()))
    for schema in schemas.values():
        if "example" in schema:
            schema["example"] = examples.complete(schema["example"], schema, schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return page


def _operations(paths: Schema) -> Iterator[Schema]:
    return (operation for _, operation in _methods(paths))


def _methods(paths: Schema) -> Iterator[tuple[str, Schema]]:
    for operations in paths.values():
        yield from operations.items()


def _say_whether_a_repeat_is_safe(method: str, operation: Schema) -> None:
    """`always`, `never`, or what must be sent along and kept; a route that says so itself knows better."""
    named = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    by_key = "Idempotency-Key" if "idempotency-key" in named else "never"
    operation.setdefault("x-safe-to-repeat", "always" if method in {"get", "put", "delete"} else by_key)


def _drop_the_default_422(responses: Schema) -> None:
    """FastAPI announces its own shape; our payload errors are declared with ours."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]


def _name_the_scope(operation: Schema) -> None:
    for needed in operation.get("security", ()):
        (scope,) = needed["ServiceToken"]
        operation["description"] = f"{operation['description']}\n\nThe token needs the scope `{scope}`."
        for shown in _shown(operation, ScopeMissing.status).values():
            details = shown["value"]["error"]["details"]
            details |= {"required_scope": scope} if "required_scope" in details else {}
        asked = operation["responses"][str(ScopeMissing.status)]["headers"]["WWW-Authenticate"]
        asked["schema"]["example"] = challenge(error="insufficient_scope", scope=scope)["WWW-Authenticate"]


def _announce_what_holds_everywhere(operation: Schema) -> None:
    """What is done before a route is asked, or around it: the size of a body, the headers of a limited route."""
    responses = operation["responses"]
    if "requestBody" in operation:
        responses |= {str(status): answer for status, answer in answers(PayloadTooLarge).items()}
    met = [shown["value"]["error"]["details"] for shown in _shown(operation, RateLimited.status).values()]
    scopes = [SCOPES[details["scope"]] for details in met if "scope" in details]
    if told := [scope for scope in scopes if not scope.of_strangers]:
        _success(responses)["headers"] = headers_of_limits(told)


def _say_what_a_success_is(responses: Schema, schemas: Schema) -> None:
    success = _success(responses)
    schema = success["content"].get("application/json", {}).get("schema", {})
    model = schemas.get(str(schema.get("items", schema).get("$ref")).rpartition("/")[2], {})
    success["description"] = model.get("description", success["description"])


def _success(responses: Schema) -> Schema:
    return next(answer for status, answer in responses.items() if status.startswith("2"))


def _shown(operation: Schema, status: int) -> Schema:
    """The examples of its failures with this status."""
    answer = operation["responses"].get(str(status), {})
    return answer.get("content", {}).get("application/json", {}).get("examples", {})  # type: ignore[no-any-return]
