"""What a route says on the OpenAPI page about its answers, beyond the shape of its success."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from billing_service.kit.errors import BillingError
from billing_service.kit.failures import body_of, headers_of
from billing_service.kit.ratelimit import Verdict
from billing_service.kit.tokens import challenge
from billing_service.web import ratelimits
from billing_service.web.errors import FAILURES
from billing_service.web.errors.requests import (
    AUTH,
    PayloadInvalid,
    RateLimited,
    ScopeMissing,
    TemporarilyUnavailable,
    TokenRequired,
)
from billing_service.web.errors.usage import LimitHeld
from billing_service.web.ratelimits import Scope

Schema = dict[str, Any]
Responses = dict[int | str, Schema]

# What every route of /internal/v1 may answer, and what a deed without its reason is answered.
EDGES = (*AUTH, TemporarilyUnavailable)
NO_REASON = PayloadInvalid({"fields": {"reason": "Field required"}})

ERROR_SCHEMA = {
    "type": "object",
    "description": "What every failure says.",
    "required": ["code", "message", "details", "request_id"],
    "properties": {
        "code": {"$ref": "#/components/schemas/ErrorCode"},
        "message": {"type": "string", "description": "Russian; may be shown to the user."},
        "details": {"type": "object", "description": "Depends on the code; see its example."},
        "request_id": {"type": "string", "description": "Quote it to support."},
    },
}
ERROR_CODE_SCHEMA = {
    "type": "string",
    "enum": sorted({BillingError.code, *(failure.code for failure in FAILURES)}),
    "description": "Stable; decide by it. Later releases may add codes: take an unknown one by its status.",
}
HEADERS: Mapping[str, Schema] = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "Asks for a token (RFC 6750).", "schema": {"type": "string"}},
    "RateLimit-Policy": {
        "description": "The limit: its quota and its window in seconds.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What remains, and in how many seconds there will be more.",
        "schema": {"type": "string"},
    },
}


def answers(*failures: type[BillingError] | BillingError, limited_by: Sequence[Scope] = ()) -> Responses:
    """What a route may answer besides success, for its OpenAPI page, with an example of each: its own where it gives
    one, else the usual.

    `limited_by` are the rate limits it may meet.
    """
    own = (one if isinstance(one, BillingError) else _usual(one) for one in failures)
    examples = [*own, *map(_spent, limited_by)]
    by_status = groupby(sorted(examples, key=attrgetter("status")), key=attrgetter("status"))
    return {status: _response(list(group)) for status, group in by_status}


def leads_to(status: int, *operation_ids: str, **parameters: str) -> Responses:
    """Links from this success to the operations that go on from it: where each of their parameters is found."""
    links = {name: {"operationId": name, "parameters": parameters} for name in operation_ids}
    return {status: {"links": links}}


def headers_of_limits(scopes: Sequence[Scope]) -> Schema:
    """What a success tells of these limits, each at its default rate."""
    told = [
        ratelimits.headers_of(scope, rate, Verdict(True, rate.limit - 1, frees_in=rate.seconds, shared=True))
        for scope in scopes
        for rate in [scope.default]
    ]
    return _headers(told)


def _headers(answers: Sequence[Mapping[str, str]]) -> Schema:
    """The headers of one status, from those of each answer with it: what only some of them carry is not required."""
    carried = {name: [headers[name] for headers in answers if name in headers] for name in HEADERS}
    return {
        name: _header(HEADERS[name], examples) | {"required": len(examples) == len(answers)}
        for name, examples in carried.items()
        if examples
    }


def _usual(failure: type[BillingError]) -> BillingError:
    """An example of it, with what its answer carries beside the body."""
    if issubclass(failure, TokenRequired):
        return failure(failure.example, headers=challenge())
    if issubclass(failure, ScopeMissing):
        return failure(failure.example, headers=challenge(error="insufficient_scope", scope="user"))
    return failure(failure.example, retry_after=30 if issubclass(failure, LimitHeld) else None)


def _spent(scope: Scope) -> RateLimited:
    _, seconds = scope.default
    return ratelimits.refusal(
        scope, scope.default, Verdict(False, remaining=0, frees_in=seconds, shared=True)
    )


def _response(failures: Sequence[BillingError]) -> Schema:
    codes = list(dict.fromkeys(failure.code for failure in failures))
    content = {"schema": _error_with(codes), "examples": _examples(failures)}
    headers = _headers([headers_of(failure) for failure in failures])
    return {
        "description": " · ".join(f"`{code}`" for code in codes),
        "content": {"application/json": content},
    } | ({"headers": headers} if headers else {})


def _error_with(codes: list[str]) -> Schema:
    one_of_these = {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}}
    error = {"allOf": [{"$ref": "#/components/schemas/Error"}, one_of_these]}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


def _examples(failures: Sequence[BillingError]) -> Schema:
    """By code; a second one of the same code is told apart by what it is about."""
    examples: Schema = {}
    for failure in failures:
        about = failure.details.get("scope", type(failure).__name__)
        name = f"{failure.code} ({about})" if failure.code in examples else failure.code
        examples[name] = {"summary": failure.message, "value": body_of(failure, "9f1c2ab0")}
    return examples


def _header(header: Schema, examples: Sequence[str]) -> Schema:
    """The page shows the one example of the schema; more than one are for those who read the document."""
    typed = [int(one) if header["schema"]["type"] == "integer" else one for one in examples]
    shown = header | {"schema": header["schema"] | {"example": typed[0]}}
    if len(set(typed)) > 1:
        shown["examples"] = {str(number): {"value": one} for number, one in enumerate(typed, 1)}
    return shown
