"""Whatever the OpenAPI page shows can be executed as it stands, and is answered as it is shown."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import jsonschema_rs
import pytest

from billing_service.app import create_app
from billing_service.config import DEV_TOKEN, SCOPES
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.ratelimit import Rate
from billing_service.kit.tokens import ServiceToken
from billing_service.web.dependencies import Services
from billing_service.web.errors import RateLimited
from billing_service.web.ratelimits import (
    ATTEMPTS,
    CREATE_PAYMENT,
    POLLING,
    WEBHOOK,
    WEBHOOK_STRANGERS,
    WEBHOOK_TRUSTED,
    Scope,
)
from tests.ledger import value
from tests.shown import JSON, OPERATIONS, PAGE, Operation, resolved, shape
from tests.stage import in_process

# What is no success where nobody has bought or reserved anything.
NOT_YET = {
    "get_payment": (404, "PAYMENT_NOT_FOUND"),
    "commit_usage": (404, "OPERATION_NOT_FOUND"),
    "release_usage": (404, "OPERATION_NOT_FOUND"),
    "set_autorenew": (409, "RECURRING_DISABLED"),
    "start_card_binding": (409, "CARD_BINDING_NOT_AVAILABLE"),
    "create_test_live_payment": (403, "FORBIDDEN"),
}
FOLLOWS = {
    ("create_payment", "get_payment"),
    ("reserve_usage", "commit_usage"),
    ("reserve_usage", "release_usage"),
}
# What nobody can make a success of, in this release or outside the live shop.
NOT_IN_THIS_RELEASE = {"set_autorenew", "start_card_binding", "create_test_live_payment"}
NEIGHBOUR, STRANGER = "127.0.0.1", "203.0.113.9"
LIMITED = [
    ("create_payment", CREATE_PAYMENT, NEIGHBOUR),
    ("create_payment", ATTEMPTS, NEIGHBOUR),
    ("create_test_live_payment", ATTEMPTS, NEIGHBOUR),
    ("get_payment", POLLING, NEIGHBOUR),
    ("receive_notification", WEBHOOK_TRUSTED, NEIGHBOUR),
    ("receive_notification", WEBHOOK, STRANGER),
    ("receive_notification", WEBHOOK_STRANGERS, STRANGER),
]
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
every_scoped = pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS.values() if one.is_scoped], ids=lambda one: one.name
)


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(services) as client:
        yield client


def calling(services: Services, peer: str = NEIGHBOUR, **settings: object) -> httpx.AsyncClient:
    changed = services.settings.model_copy(update=settings)
    app = create_app(changed, replace(services, settings=changed))
    return httpx.AsyncClient(transport=in_process(app, peer), base_url="http://billing")


def assert_announced(operation: Operation, answer: httpx.Response) -> None:
    """Status, headers and body are as the page says."""
    announced = operation.says["responses"][str(answer.status_code)]
    for name, header in announced.get("headers", {}).items():
        assert name in answer.headers or not header["required"], f"{operation.name}: {name}"
    if JSON in announced["content"]:
        schema = announced["content"][JSON]["schema"]
        jsonschema_rs.validate({**schema, "components": PAGE["components"]}, answer.json())


def assert_shown(operation: Operation, answer: httpx.Response, code: str) -> None:
    """The answer is one of the examples of this code, word for word; only the id of the request is its own."""
    assert_announced(operation, answer)
    shown = [example["value"]["error"] for example in operation.examples(answer.status_code).values()]
    said = answer.json()["error"]
    assert said["code"] == code
    assert said | {"request_id": shown[0]["request_id"]} in shown


def header_examples(operation: Operation, status: int, header: str) -> set[str]:
    shown = operation.says["responses"][str(status)]["headers"][header]
    return {shown["schema"]["example"]} | {one["value"] for one in shown.get("examples", {}).values()}


def success_example(operation: Operation) -> Any:  # noqa: ANN401 (JSON)
    schema = operation.success["content"][JSON]["schema"]
    return [resolved(schema["items"])["example"]] if "items" in schema else resolved(schema)["example"]


def assert_has_the_fields_shown(operation: Operation, answer: httpx.Response) -> None:
    if JSON in operation.success["content"]:
        assert shape(answer.json()) == shape(success_example(operation))


def assert_tells_a_limit_shown(operation: Operation, answer: httpx.Response) -> None:
    if "RateLimit-Policy" in operation.success.get("headers", {}):
        shown = header_examples(operation, answer.status_code, "RateLimit-Policy")
        assert answer.headers["ratelimit-policy"] in shown


@every_operation
async def test_an_operation_can_be_executed_as_shown(http: httpx.AsyncClient, operation: Operation) -> None:
    if operation.name == "list_payments":
        await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)

    answer = await operation.execute(http, token=DEV_TOKEN)

    if operation.name in NOT_YET:
        status, code = NOT_YET[operation.name]
        assert answer.status_code == status
        assert_shown(operation, answer, code)
    else:
        assert answer.is_success, answer.text
        assert_announced(operation, answer)
        assert_has_the_fields_shown(operation, answer)
        assert_tells_a_limit_shown(operation, answer)


async def test_a_purchase_is_answered_as_shown(http: httpx.AsyncClient) -> None:
    operation = OPERATIONS["create_payment"]

    answer = (await operation.execute(http, token=DEV_TOKEN)).json()

    its_own = {name: answer[name] for name in ("payment_id", "yookassa_payment_id", "confirmation_url")}
    assert answer == success_example(operation) | its_own


def test_every_link_is_followed_here() -> None:
    links = {
        (first.name, link["operationId"])
        for first in OPERATIONS.values()
        for link in first.success.get("links", {}).values()
        if first.name not in NOT_IN_THIS_RELEASE
    }

    assert links == FOLLOWS
    assert {then for _, then in FOLLOWS} == NOT_YET.keys() - NOT_IN_THIS_RELEASE


@pytest.mark.parametrize(("first", "then"), sorted(FOLLOWS))
async def test_what_follows_from_an_operation_can_be_executed_with_what_it_answered(
    http: httpx.AsyncClient, first: str, then: str
) -> None:
    began = await OPERATIONS[first].execute(http, token=DEV_TOKEN)
    link = OPERATIONS[first].success["links"][then]
    parameters = {name: found(at, OPERATIONS[first], began) for name, at in link["parameters"].items()}

    answer = await OPERATIONS[then].execute(http, token=DEV_TOKEN, but=parameters)

    assert answer.is_success, answer.text
    assert_announced(OPERATIONS[then], answer)


def found(at: str, operation: Operation, answer: httpx.Response) -> object:
    """What a runtime expression of OpenAPI names."""
    place, name = re.fullmatch(r"\$(.+?)(?:#/|\.(?=X-))(.+)", at).groups()  # type: ignore[union-attr]
    places: dict[str, Any] = {
        "response.body": answer.json(),
        "request.body": operation.body,
        "request.header": answer.request.headers,
    }
    return places[place][name]


async def test_the_example_of_a_notification_leaves_nothing_to_be_done(
    http: httpx.AsyncClient, database: Database
) -> None:
    answer = await OPERATIONS["receive_notification"].execute(http, token=None)

    assert answer.json() == {"status": "ok"}
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0


@every_scoped
async def test_a_call_without_a_fitting_token_is_answered_as_shown(
    services: Services, operation: Operation
) -> None:
    (scope,) = operation.says["security"][0]["ServiceToken"]
    others = ServiceToken("others", "others", sha256(b"others").digest(), frozenset(SCOPES) - {scope})
    async with calling(services, billing_service_tokens=(others,)) as http:
        stranger = await operation.execute(http, token=None)
        unknown = await operation.execute(http, token="unknown")
        not_allowed = await operation.execute(http, token="others")

    assert_shown(operation, stranger, "UNAUTHORIZED")
    assert_shown(operation, unknown, "UNAUTHORIZED")
    assert_shown(operation, not_allowed, "FORBIDDEN")
    for answer in (stranger, not_allowed):
        shown = operation.says["responses"][str(answer.status_code)]["headers"]["WWW-Authenticate"]
        assert answer.headers["www-authenticate"] == shown["schema"]["example"]
    assert unknown.headers["www-authenticate"] == 'Bearer realm="billing", error="invalid_token"'


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS.values() if "X-User-Id" in str(one.says.get("parameters"))],
    ids=lambda one: one.name,
)
async def test_a_call_that_names_no_user_is_answered_as_shown(
    http: httpx.AsyncClient, operation: Operation
) -> None:
    answer = await operation.execute(http, token=DEV_TOKEN, without="X-User-Id")

    assert_shown(operation, answer, "USER_REQUIRED")


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS.values() if one.body is not None], ids=lambda one: one.name
)
async def test_a_body_that_is_too_large_is_answered_as_shown(
    http: httpx.AsyncClient, operation: Operation
) -> None:
    answer = await operation.execute(http, token=DEV_TOKEN, content=b" " * 70_000)

    assert_shown(operation, answer, "PAYLOAD_TOO_LARGE")


def test_every_limit_of_the_page_is_reached_here() -> None:
    met = {
        (operation.name, example["value"]["error"]["details"]["scope"])
        for operation in OPERATIONS.values()
        for example in operation.examples(429).values()
        if example["value"]["error"]["code"] == RateLimited.code
    }

    # Nothing is sold for a rouble here.
    met.remove(("create_test_live_payment", CREATE_PAYMENT.name))
    assert met == {(name, scope.name) for name, scope, _ in LIMITED}


@pytest.mark.parametrize(("name", "scope", "peer"), LIMITED)
async def test_a_limit_that_is_reached_is_answered_as_shown(
    services: Services, name: str, scope: Scope, peer: str
) -> None:
    operation = OPERATIONS[name]
    tight = Rate(1, scope.default.seconds)
    async with calling(services, peer, **{scope.setting: tight}) as http:
        for key in ("first", "second"):
            answer = await operation.execute(http, token=DEV_TOKEN, but={"Idempotency-Key": key})

    assert_shown(operation, answer, RateLimited.code)
    assert answer.json()["error"]["details"] == {"scope": scope.name}
    (policy,) = [
        one for one in header_examples(operation, 429, "RateLimit-Policy") if f'"{scope.name}"' in one
    ]
    assert answer.headers["ratelimit-policy"] == policy.replace(f"q={scope.default.limit};", "q=1;")
    (left,) = [one for one in header_examples(operation, 429, "RateLimit") if f'"{scope.name}"' in one]
    assert answer.headers["ratelimit"] == left
