"""Every failure has one shape, whatever is sent, and was announced."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from billing_service.app import MAX_BODY, create_app
from billing_service.kit.crypto import Vault
from billing_service.kit.errors import BillingError
from billing_service.kit.http import httpx
from billing_service.services import Services
from billing_service.web import errors
from billing_service.web.errors import FAILURES
from billing_service.web.routes import PublicRoute
from tests.announced import BASE, PAYMENT, announced, assert_one_shape, calling, filled
from tests.stage import MainBackend, in_process

WEBHOOK = f"{BASE}/webhooks/yookassa"
PATHS = {
    *(f"{BASE}/plans/", f"{BASE}/me/", f"{BASE}/subscription/", f"{BASE}/payment-method/"),
    *(f"{BASE}/payments/", PAYMENT, f"{BASE}/create-payment/", f"{BASE}/subscription/autorenew/"),
    *(f"{BASE}/bind-card/start/", WEBHOOK),
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "broken": b"{",
    "text": b"plan_code=PRO_MONTHLY",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1e999",
    "NUL bytes": b"\x00\x00",
    "NUL in a string": b'{"plan_code": "PRO\\u0000", "enabled": "\\u0000", "event": "\\u0000"}',
    "half a character": b'{"plan_code": "\\ud800", "return_url": "\\udfff"}',
    "half a character in an event": b'{"type": "notification", "event": "\\ud800", "object": {"id": "\\udfff"}}',
    "not UTF-8": b'{"plan_code": "\xff\xfe"}',
    "UTF-16": '{"plan_code": "GOLD"}'.encode("utf-16"),
    "a huge number": b'{"plan_code": ' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"enabled": 1e400, "save_payment_method": 1e400, "plan_code": 1e400}',
    "not a number": b'{"enabled": NaN, "plan_code": NaN}',
    "wrong types": b'{"plan_code": {"a": []}, "return_url": 5, "save_payment_method": "perhaps", "enabled": []}',
    "deep": b"[" * 50_000,
    "deep and closed": b'{"plan_code":' * 3000 + b"1" + b"}" * 3000,
    "a long string": b'{"plan_code": "' + b"A" * 60_000 + b'"}',
    "the same name twice": b'{"enabled": true, "enabled": "x", "plan_code": "FREE", "plan_code": 1}',
}
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")
SANE_IDS = ("9f1c2ab0", "req-1.2:3_4", "0" * 64)
INSANE_IDS = ("", " ", "a b", "-a", "0" * 65, "<script>", "идентификатор", "a\tb", '"', "a/b", "\x00")


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(services) as client:
        yield client


@pytest.fixture
def page(services: Services) -> dict[str, Any]:
    return create_app(services.settings, services).openapi()


@pytest.mark.parametrize("error", [BillingError, *FAILURES])
async def test_every_error_is_answered_in_one_shape(services: Services, error: type[BillingError]) -> None:
    app = create_app(services.settings, services)

    async def fail() -> None:
        raise error({"why": "because"})

    app.router.add_api_route("/fail", fail, route_class_override=PublicRoute)
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as client:
        answer = await client.get("/fail")

    assert assert_one_shape(answer) == error.code
    assert answer.status_code == error.status
    assert answer.json()["error"]["details"] == {"why": "because"}
    assert ("retry-after" in answer.headers) is (error.status == 503)


def test_a_code_means_one_thing() -> None:
    # Several texts of the first two, two statuses of the third; the others are said of payments and of refunds.
    twice = {"FORBIDDEN", "USER_REQUIRED", "VALIDATION_ERROR", "YOOKASSA_REJECTED", "YOOKASSA_UNAVAILABLE"}
    codes = [error.code for error in FAILURES if error.code not in twice]

    assert len(codes) == len(set(codes))


def test_every_error_stands_in_the_drawn_tree_at_its_status_and_module() -> None:
    for error in FAILURES:
        line = next(line for line in (errors.__doc__ or "").splitlines() if error.__name__ in line.split())
        assert {str(error.status), error.__module__.rpartition(".")[2]} <= set(line.split())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_no_body_breaks_us_and_every_answer_was_announced(
    http: httpx.AsyncClient, page: dict[str, Any], body: bytes
) -> None:
    posts = {path: methods["post"] for path, methods in page["paths"].items() if "post" in methods}
    for (path, operation), kind in product(posts.items(), TYPES):
        answer = await http.post(filled(path), content=body, headers={"Content-Type": kind})

        assert answer.status_code < 500, (path, kind)
        if answer.is_success:
            assert str(answer.status_code) in operation["responses"], (path, kind)
        else:
            assert (answer.status_code, assert_one_shape(answer)) in announced(operation), (path, kind)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("payments/not-a-uuid/", 400),
        ("payments/%00/", 400),
        ("payments/" + "9" * 500 + "/", 400),
    ],
)
async def test_what_is_asked_wrongly_is_named(http: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await http.get(f"{BASE}/{path}")

    assert answer.status_code == status
    assert assert_one_shape(answer) == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"]["fields"].keys() == {"payment_id"}


@pytest.mark.parametrize(
    "limit", ["0", "-5", "101", "99999999999999999999999999", "ten", "1.5", "", "9" * 5000]
)
async def test_any_limit_is_held_inside_its_bounds(http: httpx.AsyncClient, limit: str) -> None:
    assert (await http.get(f"{BASE}/payments/?limit={limit}")).json() == {"results": []}


async def test_a_wrong_field_is_named_in_the_details(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{BASE}/subscription/autorenew/", json={"enabled": "perhaps"})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["details"]["fields"]) == ["enabled"]


async def test_broken_json_is_said_to_be_the_body(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        f"{BASE}/create-payment/", content=b"{", headers={"Content-Type": "application/json"}
    )

    assert assert_one_shape(answer) == "VALIDATION_ERROR"
    assert list(answer.json()["error"]["details"]["fields"]) == ["body"]


async def test_unknown_fields_are_ignored_as_before(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{BASE}/subscription/autorenew/", json={"enabled": True, "price": 1, "x": None})

    assert assert_one_shape(answer) == "RECURRING_DISABLED"


@pytest.mark.parametrize("key", ["", "with space", "ключ".encode(), "a" * 256, "tab\t"])
async def test_an_idempotency_key_is_visible_characters(http: httpx.AsyncClient, key: str | bytes) -> None:
    headers = [(b"Idempotency-Key", key if isinstance(key, bytes) else key.encode())]

    answer = await http.post(f"{BASE}/create-payment/", json={"plan_code": "PRO_MONTHLY"}, headers=headers)

    assert answer.status_code == 400
    assert assert_one_shape(answer) == "VALIDATION_ERROR"


@pytest.mark.parametrize("path", ["create-payment/", "create-test-live-payment/"])
async def test_two_idempotency_keys_are_none(http: httpx.AsyncClient, path: str) -> None:
    """Whoever chose the first would pay twice for what the second was meant to repeat."""
    for second in (b"k1", b"k2"):
        headers = [(b"Idempotency-Key", b"k1"), (b"Idempotency-Key", second)]

        answer = await http.post(f"{BASE}/{path}", json={"plan_code": "PRO_MONTHLY"}, headers=headers)

        assert answer.status_code == 400
        assert answer.json()["error"]["details"] == {"fields": {"Idempotency-Key": "sent more than once"}}


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/api/v1/billing",
        "/api/v1/billing/",
        "/api/v1/billing/nothing/",
        "/internal/v1/nothing",
        "/%00",
        "/..%2f",
    ],
)
async def test_an_unknown_path_is_a_404(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)

    assert answer.status_code == 404
    assert assert_one_shape(answer) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE")
        for path in sorted(PATHS)
        if (method, path) != ("DELETE", f"{BASE}/payment-method/")
    ],
)
async def test_a_wrong_method_is_a_405(http: httpx.AsyncClient, path: str, method: str) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == 405
    assert assert_one_shape(answer) == "METHOD_NOT_ALLOWED"
    assert answer.headers["allow"] in {"GET", "POST", "DELETE, GET"}


@pytest.mark.parametrize("path", ["create-payment/", "subscription/autorenew/", "webhooks/yookassa"])
@pytest.mark.parametrize("announce_length", [True, False])
async def test_too_large_a_body_is_a_413(http: httpx.AsyncClient, path: str, announce_length: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 1):
            yield b" " * 65536

    body = b" " * (MAX_BODY + 1) if announce_length else chunks()
    headers = {"Content-Type": "application/json"}

    answer = await http.post(f"{BASE}/{path}", content=body, headers=headers)

    assert answer.status_code == 413
    assert assert_one_shape(answer) == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_a_path_answers_the_same_with_and_without_its_slash(http: httpx.AsyncClient, path: str) -> None:
    stem = path.rstrip("/")
    method = "POST" if stem.endswith(("create-payment", "autorenew", "start", "yookassa")) else "GET"

    answers = [await http.request(method, spelling, json={}) for spelling in (stem, f"{stem}/")]

    seen = [re.sub(r'"request_id":"\w+"', "", answer.text) for answer in answers]
    assert (
        answers[0].status_code
        == answers[1].status_code
        not in {301, 302, 307, 308, 404 if path != PAYMENT else 0}
    )
    assert seen[0] == seen[1]


async def test_a_query_survives_a_missing_slash(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{BASE}/payments?limit=ten")).json() == {"results": []}


@pytest.mark.parametrize(
    "path", [f"{BASE}/me/", f"{BASE}/nothing/", "/health/live", "/openapi.json", "/docs"]
)
async def test_every_answer_has_a_request_id(http: httpx.AsyncClient, path: str) -> None:
    first, second = await http.get(path), await http.get(path)

    assert re.fullmatch(r"[0-9a-f]{32}", first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("sane", SANE_IDS)
async def test_a_sane_request_id_is_the_callers(http: httpx.AsyncClient, sane: str) -> None:
    answer = await http.get(f"{BASE}/nothing/", headers={"X-Request-ID": sane})

    assert answer.headers["x-request-id"] == sane
    assert answer.json()["error"]["request_id"] == sane


@pytest.mark.parametrize("insane", INSANE_IDS)
async def test_an_insane_request_id_is_replaced(http: httpx.AsyncClient, insane: str) -> None:
    answer = await http.get(f"{BASE}/nothing/", headers=[(b"X-Request-ID", insane.encode())])

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert assert_one_shape(answer) == "NOT_FOUND"


async def test_what_nobody_expected_is_a_500_that_tells_nothing(services: Services) -> None:
    class BrokenVault(Vault):
        def seal(self, plain: bytes) -> bytes:
            raise RuntimeError(f"canary {plain!r}")

    broken = replace(services, vault=BrokenVault(services.settings.billing_encryption_keys))
    async with MainBackend.calling(create_app(services.settings, broken)) as api:
        answer = await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})

    assert answer.status_code == 500
    assert assert_one_shape(answer) == "INTERNAL_ERROR"
    assert "canary" not in answer.text


async def test_a_405_names_every_method_that_its_path_takes(http: httpx.AsyncClient) -> None:
    answer = await http.delete(filled("/internal/v1/payments/{payment_id}/refunds/"))

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
