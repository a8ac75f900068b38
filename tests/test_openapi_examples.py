"""Whatever the OpenAPI page shows can be executed as it stands, and is answered as it is shown."""

import re
from collections.abc import AsyncIterator
from datetime import date
from functools import reduce
from typing import Any

import pytest

from billing_service.config import DEV_TOKEN
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.events.told import publish
from tests.ledger import value
from tests.shown import (
    JSON,
    NOT_YET,
    OPERATIONS,
    Operation,
    assert_announced,
    assert_shown,
    calling,
    header_examples,
    resolved,
    shape,
)
from tests.stage import BackOffice, work_off

FOLLOWS = {
    ("give_consent", "withdraw_consent"),
    ("create_payment", "get_payment"),
    ("create_payment", "preview_refund_request"),
    ("create_grant", "revoke_grant"),
    ("give_to_many", "revoke_grant_batch"),
    ("reserve_usage", "commit_usage"),
    ("reserve_usage", "extend_usage"),
    ("reserve_usage", "release_usage"),
}
# What goes on from a payment that was paid.
ONCE_PAID = {("create_refund", "get_refund"), ("create_refund", "list_refunds")}
# What goes on from something that happened.
ONCE_TOLD = {("list_events", "replay_event")}
# What goes on from a sale, in the shop of somebody self-employed.
ONCE_SOLD = {("list_npd_register", "mark_npd_registered")}
# What goes on from a payment whose payer wants his money back.
ONCE_ASKED = {
    ("preview_refund_request", "ask_for_refund"),
    ("list_refund_requests", "refuse_refund_request"),
}
# What has something to show once days were given.
ONCE_GIVEN = ("list_periods", "list_subscribers", "get_timeline")
# Their figures stand under the names of what there is.
FIGURES = {"count_subscribers", "sum_revenue", "list_series"}
EMPTY_AT_FIRST = {
    "list_npd_register",
    "list_refund_requests",
    "get_npd_summary",
    "get_renewal_forecast",
    *ONCE_GIVEN,
} | FIGURES
# What no answer leads to, but an event: told and reported in tests/renewals.
BY_AN_EVENT = {"report_notice_delivered"}
# What nobody can make a success of, in this release or outside the live shop.
NOT_IN_THIS_RELEASE = {"set_autorenew", "start_card_binding", "create_test_live_payment"}
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(services) as client:
        yield client


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
async def test_an_operation_can_be_executed_as_shown(
    http: httpx.AsyncClient, operation: Operation, services: Services
) -> None:
    if operation.name == "list_payments":
        await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)
    if operation.name == "list_consents":
        await OPERATIONS["give_consent"].execute(http, token=DEV_TOKEN)
    if operation.name == "get_plan_history":
        await OPERATIONS["change_plan"].execute(http, token=DEV_TOKEN)
    if operation.name == "list_events":
        await something_happened(http, services)

    answer = await operation.execute(http, token=DEV_TOKEN)

    if operation.name in NOT_YET:
        status, code = NOT_YET[operation.name]
        assert answer.status_code == status
        assert_shown(operation, answer, code)
    else:
        assert answer.is_success, answer.text
        assert_announced(operation, answer)
        if operation.name not in EMPTY_AT_FIRST:
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

    assert links == FOLLOWS | ONCE_PAID | ONCE_TOLD | ONCE_SOLD | ONCE_ASKED
    reached = {then for _, then in FOLLOWS | ONCE_TOLD | ONCE_SOLD | ONCE_ASKED} | {
        name for link in ONCE_PAID for name in link
    }
    assert reached == NOT_YET.keys() - NOT_IN_THIS_RELEASE - BY_AN_EVENT


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


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_a_payment_that_was_paid_can_be_refunded_as_shown(
    http: httpx.AsyncClient, services: Services, office: BackOffice
) -> None:
    bought = (await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)).json()
    await office.pay(bought)
    await work_off(services)
    refund = OPERATIONS["create_refund"]

    made = await refund.execute(http, token=DEV_TOKEN, but={"payment_id": bought["payment_id"]})
    answers = [(refund, made)]
    for then, link in refund.success["links"].items():
        parameters = {name: found(at, refund, made) for name, at in link["parameters"].items()}
        answer = await OPERATIONS[then].execute(http, token=DEV_TOKEN, but=parameters)
        answers.append((OPERATIONS[then], answer))

    assert {(refund.name, then.name) for then, _ in answers[1:]} == ONCE_PAID
    for operation, answer in answers:
        assert answer.is_success, answer.text
        assert_announced(operation, answer)
        example = resolved(operation.success["content"][JSON]["schema"])["example"]
        assert shape(answer.json()) == shape(example)


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_who_wants_his_money_back_is_answered_as_shown(
    http: httpx.AsyncClient, services: Services, office: BackOffice
) -> None:
    bought = (await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)).json()
    await office.pay(bought)
    await work_off(services)

    for name, then in sorted(ONCE_ASKED, reverse=True):
        first = OPERATIONS[name]
        its_own = {"payment_id": bought["payment_id"]} if name == "preview_refund_request" else {}
        seen = await first.execute(http, token=DEV_TOKEN, but=its_own)
        places = first.success["links"][then]["parameters"]
        parameters = {name: found(at, first, seen) for name, at in places.items()}
        answer = await OPERATIONS[then].execute(http, token=DEV_TOKEN, but=parameters)

        for operation, answered in ((first, seen), (OPERATIONS[then], answer)):
            assert answered.is_success, answered.text
            assert_announced(operation, answered)
            assert_has_the_fields_shown(operation, answered)


async def something_happened(http: httpx.AsyncClient, services: Services) -> None:
    await OPERATIONS["create_grant"].execute(http, token=DEV_TOKEN)
    await publish(services)


async def test_an_event_of_the_feed_can_be_sent_once_more_as_shown(
    http: httpx.AsyncClient, services: Services
) -> None:
    await something_happened(http, services)
    feed, replay = (OPERATIONS[name] for link in ONCE_TOLD for name in link)
    read = await feed.execute(http, token=DEV_TOKEN)
    at = feed.success["links"][replay.name]["parameters"]["event_id"]

    answer = await replay.execute(http, token=DEV_TOKEN, but={"event_id": found(at, feed, read)})

    assert answer.is_success, answer.text
    assert_announced(replay, answer)
    assert_has_the_fields_shown(replay, answer)


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_what_was_sold_is_registered_as_shown(services: Services, office: BackOffice) -> None:
    listed, mark = (OPERATIONS[name] for link in ONCE_SOLD for name in link)
    async with calling(services, npd_since=date(2026, 1, 1)) as http:
        await office.pay((await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)).json())
        await work_off(services)
        read = await listed.execute(http, token=DEV_TOKEN, without="month")
        at = listed.success["links"][mark.name]["parameters"]["entry_id"]
        marked = await mark.execute(http, token=DEV_TOKEN, but={"entry_id": found(at, listed, read)})
        shown = await listed.execute(http, token=DEV_TOKEN, but={"state": "registered"}, without="month")
        summary = await OPERATIONS["get_npd_summary"].execute(http, token=DEV_TOKEN, without="year")

    for operation, answer in (
        (mark, marked),
        (listed, shown),
        (OPERATIONS["get_npd_summary"], summary),
    ):
        assert_announced(operation, answer)
        assert_has_the_fields_shown(operation, answer)


@pytest.mark.parametrize("name", ONCE_GIVEN)
async def test_what_a_grant_brings_is_answered_as_shown(http: httpx.AsyncClient, name: str) -> None:
    await OPERATIONS["create_grant"].execute(http, token=DEV_TOKEN)

    answer = await OPERATIONS[name].execute(http, token=DEV_TOKEN, without="after")

    assert_has_the_fields_shown(OPERATIONS[name], answer)


def found(at: str, operation: Operation, answer: httpx.Response) -> object:
    """What a runtime expression of OpenAPI names."""
    place, name = re.fullmatch(r"\$(.+?)(?:#/|\.(?=X-))(.+)", at).groups()  # type: ignore[union-attr]
    places: dict[str, Any] = {
        "response.body": answer.json(),
        "request.body": operation.body,
        "request.header": answer.request.headers,
    }
    return reduce(_inside, name.split("/"), places[place])


def _inside(value: Any, name: str) -> Any:  # noqa: ANN401 (JSON)
    return value[int(name)] if isinstance(value, list) else value[name]


async def test_the_example_of_a_notification_leaves_nothing_to_be_done(
    http: httpx.AsyncClient, database: Database
) -> None:
    answer = await OPERATIONS["receive_notification"].execute(http, token=None)

    assert answer.json() == {"status": "ok"}
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0
