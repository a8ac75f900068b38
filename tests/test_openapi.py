"""The OpenAPI page announces everything we answer, with examples that are true, and nothing else."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import jsonschema_rs
import pytest

from billing_service.app import create_app
from billing_service.kit.errors import BillingError
from billing_service.kit.http import httpx
from billing_service.services import Services
from billing_service.web.errors import FAILURES
from billing_service.web.errors.payments import LiveTestRefused
from billing_service.web.errors.requests import (
    HeadTooLarge,
    MalformedRequest,
    MethodNotAllowed,
    RouteNotFound,
    ScopeMissing,
)
from billing_service.web.routes import ScopedRoute
from tests.announced import BASE, announced, calling, operations, shown_errors
from tests.stage import MainBackend

# What any address may answer, so that no operation announces it.
ANYWHERE = {
    error.code for error in (RouteNotFound, MethodNotAllowed, BillingError, MalformedRequest, HeadTooLarge)
}


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(services) as client:
        yield client


@pytest.fixture
def page(services: Services) -> dict[str, Any]:
    return create_app(services.settings, services).openapi()


def test_every_operation_is_explained_and_in_a_known_group(page: dict[str, Any]) -> None:
    groups = {tag["name"] for tag in page["tags"]}

    for name, operation in operations(page):
        assert operation["summary"], name
        assert operation["tags"], name
        assert set(operation["tags"]) <= groups, name
    assert {tag for _, operation in operations(page) for tag in operation["tags"]} == groups


def test_an_operation_is_called_what_the_code_calls_it(page: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(page)]

    assert len(set(names)) == len(names)
    assert {"get_me", "create_payment", "reserve_usage", "receive_notification"} <= set(names)
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+){1,3}", name), name


def test_every_field_that_the_page_needs_is_filled_in(page: dict[str, Any]) -> None:
    for name, operation in operations(page):
        for one in operation.get("parameters", ()):
            assert "example" in one or "default" in one["schema"], (name, one["name"])


def test_every_operation_shows_an_example_of_its_answer(page: dict[str, Any]) -> None:
    answers = {
        name: next(answer for code, answer in operation["responses"].items() if code.startswith("2"))
        for name, operation in operations(page)
    }
    without = [
        name
        for name, answer in answers.items()
        if "application/json" in answer["content"] and not _examples(page, answer)
    ]

    assert without == []


def test_every_answer_is_described(page: dict[str, Any]) -> None:
    for name, operation in operations(page):
        for status, answer in operation["responses"].items():
            assert answer["description"] not in {"", "Successful Response"}, (name, status)


def test_every_body_has_an_example(page: dict[str, Any]) -> None:
    for name, operation in operations(page):
        if "requestBody" in operation:
            assert _examples(page, operation["requestBody"]), name


def test_every_example_fits_its_schema(page: dict[str, Any]) -> None:
    shown = 0
    for _, operation in operations(page):
        for part in (*operation["responses"].values(), operation.get("requestBody", {})):
            for schema, example in _examples(page, part):
                jsonschema_rs.validate({**schema, "components": page["components"]}, example)
                shown += 1
    for schema in page["components"]["schemas"].values():
        if "example" in schema:
            jsonschema_rs.validate({**schema, "components": page["components"]}, schema["example"])
    assert shown > 40


def test_every_failure_is_shown_as_it_is_answered(page: dict[str, Any]) -> None:
    known = {(error.status, error.code, error.message) for error in FAILURES}

    for name, operation in operations(page):
        for status, error in shown_errors(operation):
            assert (status, error["code"], error["message"]) in known, name


def test_two_failures_with_one_code_are_both_shown(page: dict[str, Any]) -> None:
    live_test = page["paths"][f"{BASE}/create-test-live-payment/"]["post"]

    messages = [error["message"] for _, error in shown_errors(live_test) if error["code"] == "FORBIDDEN"]

    assert messages == [ScopeMissing.message, LiveTestRefused.message]


def test_every_error_of_the_rooms_is_announced_somewhere(page: dict[str, Any]) -> None:
    codes = {code for _, operation in operations(page) for _, code in announced(operation)}

    assert codes == {error.code for error in FAILURES} - ANYWHERE


def test_the_code_of_an_error_is_one_of_those_that_there_are(page: dict[str, Any]) -> None:
    schemas = page["components"]["schemas"]

    assert schemas["Error"]["properties"]["code"] == {"$ref": "#/components/schemas/ErrorCode"}
    assert set(schemas["ErrorCode"]["enum"]) == {error.code for error in FAILURES} | ANYWHERE


def test_the_code_of_an_error_of_one_status_is_one_of_those_announced_with_it(page: dict[str, Any]) -> None:
    schemas = page["components"]["schemas"]
    named = {"schemas": {name: schemas[name] for name in ("Error", "ErrorCode")}}
    for name, operation in operations(page):
        for status in {status for status, _ in announced(operation)}:
            schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
            codes = {code for announced_with, code in announced(operation) if announced_with == status}
            another = {"error": {"code": "NOT_FOUND", "message": "", "details": {}, "request_id": ""}}

            assert {"$ref": "#/components/schemas/Error"} in schema["properties"]["error"]["allOf"], name
            validator = jsonschema_rs.validator_for({**schema, "components": named})
            for code in schemas["ErrorCode"]["enum"]:
                another["error"]["code"] = code
                assert validator.is_valid(another) is (code in codes), (name, status, code)


async def test_a_plan_must_be_named_and_its_absence_has_a_code_of_its_own(
    http: httpx.AsyncClient, page: dict[str, Any]
) -> None:
    schema = page["components"]["schemas"]["CreatePaymentIn"]
    bodies: tuple[dict[str, object], ...] = ({}, {"plan_code": None}, {"return_url": None})

    answers = [await http.post(f"{BASE}/create-payment/", json=body) for body in bodies]

    assert schema["required"] == ["plan_code"]
    assert schema["properties"]["plan_code"]["type"] == "string"
    assert {answer.json()["error"]["code"] for answer in answers} == {"MISSING_PLAN_CODE"}


def test_the_page_says_first_who_calls_the_service_where_and_on_what_terms(page: dict[str, Any]) -> None:
    first, *_ = page["info"]["description"].strip().split("\n\n")

    assert "never calls this service" in first
    assert "`X-User-Id`" in first
    assert page["servers"][0]["url"] == "/"
    assert page["info"]["license"] == {"name": "MIT", "identifier": "MIT"}


def test_the_frameworks_own_error_shape_is_nowhere(page: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(page)
    assert "ValidationError" not in page["components"]["schemas"]


def test_every_reference_leads_somewhere(page: dict[str, Any]) -> None:
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(page)):
        assert name in page["components"]["schemas"]


def test_scoped_operations_ask_for_a_token_and_a_user_and_public_ones_do_not(services: Services) -> None:
    app = create_app(services.settings, services)
    for name, operation in operations(app.openapi()):
        public = {401, 403, 503} - {status for status, _ in announced(operation)} >= {401}
        named = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
        assert (operation["security"] == []) is public, name
        assert ("x-user-id" in named) is (not public and BASE in name), name


async def test_answers_fit_the_schemas_they_are_announced_with(
    api: MainBackend, page: dict[str, Any]
) -> None:
    payment = (await api.buy())["payment_id"]
    for path in ("plans/", "me/", "subscription/", "payment-method/", "payments/", f"payments/{payment}/"):
        template = f"{BASE}/{path.replace(payment, '{payment_id}')}"
        content = page["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
        answer = (await api.get(path)).json()
        jsonschema_rs.validate({**content["schema"], "components": page["components"]}, answer)


def test_every_scoped_operation_says_which_scope_it_needs(services: Services) -> None:
    app = create_app(services.settings, services)
    for route in app.routes:
        if isinstance(route, ScopedRoute):
            for method in route.methods or ():
                operation = app.openapi()["paths"][route.path_format][method.lower()]
                assert operation["security"] == [{"ServiceToken": [route.required_scope]}]
                assert f"the scope `{route.required_scope}`" in operation["description"]


async def test_the_headers_of_a_limited_route_are_announced(api: MainBackend, page: dict[str, Any]) -> None:
    payment = (await api.buy())["payment_id"]
    answer = await api.get(f"payments/{payment}/")
    operation = page["paths"][f"{BASE}/payments/{{payment_id}}/"]["get"]

    for name in operation["responses"]["200"]["headers"]:
        assert name in answer.headers
    assert operation["responses"]["200"]["headers"].keys() <= operation["responses"]["429"]["headers"].keys()


def test_a_time_is_declared_as_one(page: dict[str, Any]) -> None:
    times = [
        schema
        for model in page["components"]["schemas"].values()
        for name, schema in model.get("properties", {}).items()
        if name.endswith("_at")
    ]

    assert len(times) >= 5
    for schema in times:
        (declared,) = [choice for choice in schema.get("anyOf", [schema]) if choice["type"] != "null"]
        assert declared["format"] in {"date-time", "date"}, schema


def test_every_operation_says_whether_it_may_be_sent_again(page: dict[str, Any]) -> None:
    said = {operation["operationId"]: operation["x-safe-to-repeat"] for _, operation in operations(page)}

    for name, operation in operations(page):
        keyed = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
        assert (operation["x-safe-to-repeat"] == "Idempotency-Key") is keyed, name
        if name.startswith(("GET ", "PUT ", "DELETE ")):
            assert operation["x-safe-to-repeat"] == "always", name
    assert said["reserve_usage"] == said["commit_usage"] == said["release_usage"] == "always"
    assert said["consume_usage"] == "operation_id"
    assert said["reset_usage"] == "never"


def test_every_body_may_be_too_large(page: dict[str, Any]) -> None:
    for name, operation in operations(page):
        assert ((413, "PAYLOAD_TOO_LARGE") in announced(operation)) is ("requestBody" in operation), name


async def test_the_page_is_served_without_asking_another_host(http: httpx.AsyncClient) -> None:
    docs = await http.get("/docs")
    local = re.findall(r'(?:src|href)="([^"]+)"', docs.text)

    assert docs.status_code == 200
    assert local
    for address in local:
        assert address.startswith("/")
        assert (await http.get(address)).status_code == 200


def _examples(page: dict[str, Any], part: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Every (schema, example) of an answer or a body."""
    found: list[tuple[dict[str, Any], Any]] = []
    for content in part.get("content", {}).values():
        schema = content["schema"]
        found += [(schema, shown["value"]) for shown in content.get("examples", {}).values()]
        if "example" in content:
            found.append((schema, content["example"]))
        found += [(schema, shown) for shown in _examples_of(page, schema)]
    return found


def _examples_of(page: dict[str, Any], schema: dict[str, Any]) -> list[Any]:
    if "anyOf" in schema:
        return [shown for choice in schema["anyOf"] for shown in _examples_of(page, choice)]
    if schema.get("type") == "array":
        return [[shown] for shown in _examples_of(page, schema["items"])]
    name = schema.get("$ref", "").rpartition("/")[2]
    resolved = page["components"]["schemas"].get(name, schema)
    return [resolved["example"]] if "example" in resolved else []
