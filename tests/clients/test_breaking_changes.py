"""What of a new openapi.json would break a client of the released one is noticed, and nothing else is."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from contract.breaking_changes import breaking_changes, essence

Json = dict[str, Any]
Edit = Callable[[Json], object]
BUY = "/api/v1/billing/create-payment/"


@pytest.fixture(scope="module")
def released() -> Json:
    document: Json = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
    return document


def model(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def field(document: Json, name: str, field: str) -> Json:
    found: Json = model(document, name)["properties"][field]
    return found


BROKEN: dict[str, tuple[Edit, str]] = {
    "a field of an answer is gone": (
        lambda page: model(page, "MeOut")["properties"].pop("used_today"),
        "GET /api/v1/billing/me/ answer.used_today is gone",
    ),
    "a field deep in an answer is gone": (
        lambda page: model(page, "PaymentOut")["properties"].pop("amount"),
        "GET /api/v1/billing/payments/ answer.results[].amount is gone",
    ),
    "a request needs one field more": (
        lambda page: model(page, "CreatePaymentIn")["required"].append("return_url"),
        f"POST {BUY} body.return_url is required now",
    ),
    "a request takes a field no more": (
        lambda page: model(page, "CreatePaymentIn")["properties"].pop("return_url"),
        f"POST {BUY} body.return_url is gone",
    ),
    "a type of a request is narrowed": (
        lambda page: field(page, "ReserveIn", "amount").update(type="string"),
        "body.amount may be integer, where string is expected",
    ),
    "a bound of a request is narrowed": (
        lambda page: field(page, "ReserveIn", "ttl_seconds").update(maximum=600),
        "body.ttl_seconds may be above maximum 600",
    ),
    "null is taken no more": (
        lambda page: field(page, "CreatePaymentIn", "return_url").update(anyOf=[{"type": "string"}]),
        "body.return_url may be null, where string is expected",
    ),
    "an answer may be null": (
        lambda page: field(page, "UsageOut", "used_today").update(type=["integer", "null"]),
        "answer.used_today may be null, where integer is expected",
    ),
    "an answer may have another value": (
        lambda page: field(page, "PaymentOut", "status")["enum"].append("lost"),
        "status may be lost, where only canceled, failed",
    ),
    "a field of an answer may be missing": (
        lambda page: model(page, "MeOut")["required"].remove("plan_code"),
        "answer.plan_code may be missing now",
    ),
    "a header is required": (
        lambda page: page["paths"][BUY]["post"]["parameters"][1].update(required=True),
        f"POST {BUY} requires header Idempotency-Key now",
    ),
    "an operation is gone": (lambda page: page["paths"][BUY].pop("post"), f"POST {BUY} is gone"),
    "an operation has another name": (
        lambda page: page["paths"][BUY]["post"].update(operationId="buy"),
        "is called buy now",
    ),
    "an operation needs another scope": (
        lambda page: page["paths"][BUY]["post"].update(security=[{"ServiceToken": ["admin"]}]),
        "asks for",
    ),
    "an operation may not be repeated any more": (
        lambda page: page["paths"][BUY]["post"].update({"x-safe-to-repeat": "never"}),
        "may be repeated never now",
    ),
    "another status means success": (
        lambda page: page["paths"][BUY]["post"]["responses"].update(
            {"202": page["paths"][BUY]["post"]["responses"].pop("201")}
        ),
        "answers 202 now",
    ),
    "unknown fields are refused": (
        lambda page: model(page, "CreatePaymentIn").update(additionalProperties=False),
        "takes no unknown fields any more",
    ),
    "an event is told no more": (
        lambda page: page["webhooks"].pop("payment.refunded"),
        "the event payment.refunded is told no more",
    ),
    "a field of an event is gone": (
        lambda page: model(page, "State")["properties"].pop("access_until"),
        "state.access_until is gone",
    ),
}
FINE: dict[str, Edit] = {
    "a field of an answer is new": lambda page: model(page, "MeOut")["properties"].update(
        new={"type": "string"}
    ),
    "a request may hold one field more": lambda page: model(page, "CreatePaymentIn")["properties"].update(
        new={"type": "string"}
    ),
    "a bound of a request is wider": lambda page: field(page, "ReserveIn", "ttl_seconds").update(
        maximum=7200
    ),
    "a request may be null": lambda page: field(page, "ReserveIn", "amount").update(type=["integer", "null"]),
    "a field of an answer is never null any more": lambda page: field(page, "MeOut", "expires_at").update(
        anyOf=[{"type": "string", "format": "date-time"}]
    ),
    "an operation is new": lambda page: page["paths"].update({"/new/": page["paths"][BUY]}),
    "a code is new": lambda page: model(page, "ErrorCode")["enum"].append("NEW"),
    "a failure is new": lambda page: page["paths"][BUY]["post"]["responses"].update(
        {"418": page["paths"][BUY]["post"]["responses"]["503"]}
    ),
    "an event is new": lambda page: page["webhooks"].update(new=page["webhooks"]["payment.refunded"]),
    "words are others": lambda page: model(page, "MeOut").update(description="Other words."),
}


@pytest.mark.parametrize("change", BROKEN)
def test_a_breaking_change_is_named(released: Json, change: str) -> None:
    edit, sentence = BROKEN[change]
    assert breaking_changes(essence(released), released) == []
    now = deepcopy(released)
    edit(now)

    found = breaking_changes(essence(released), now)

    assert any(sentence in one for one in found), found


@pytest.mark.parametrize("change", FINE)
def test_what_breaks_nobody_is_no_breaking_change(released: Json, change: str) -> None:
    now = deepcopy(released)
    FINE[change](now)

    assert breaking_changes(essence(released), now) == []


def test_nothing_breaks_a_client_of_the_last_release(released: Json, repository: Path) -> None:
    last = json.loads((repository / "contract" / "released.json").read_text())

    assert breaking_changes(last, released) == [], (
        "this breaks clients of the last release: undo it, or add beside it. "
        "Only if that release was never given to anybody: make released"
    )
