"""Every route has an owner or is on the public list, and every kind of caller is answered by the same rules."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount, Route

from billing_service.app import ROUTERS, create_app, refuse_unowned
from billing_service.kit.http import httpx
from billing_service.kit.tokens import parse_service_token
from billing_service.services import Services
from billing_service.web.routes import PublicRoute, ScopedRoute, needs
from tests.stage import USER, in_process

BASE, INTERNAL = "/api/v1/billing", "/internal/v1"
PUBLIC = {
    f"GET {BASE}/plans/",
    f"POST {BASE}/webhooks/yookassa",  # guarded by address, and believed in nothing
    "GET /",  # where to read on
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",  # for the platform, which keeps it inside
}
PAGES = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/static-offline-docs"}
NOBODY = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
NOBODY_BOUGHT = f"{BASE}/payments/{NOBODY}/"
# Written down here by itself: the scope each route needs, and what a caller who has it and names a user is answered
# when the body says {"enabled": true}.
NO_GRANT = "00000000-0000-4000-8000-000000000000"
ALLOWED: dict[str, tuple[str, int, str | None]] = {
    f"GET {BASE}/me/": ("user", 200, None),
    f"GET {BASE}/subscription/": ("user", 200, None),
    f"GET {BASE}/payment-method/": ("user", 200, None),
    f"GET {BASE}/payments/": ("user", 200, None),
    f"GET {NOBODY_BOUGHT}": ("user", 404, "PAYMENT_NOT_FOUND"),
    f"GET {NOBODY_BOUGHT}refund-request/": ("user", 404, "PAYMENT_NOT_FOUND"),
    f"POST {NOBODY_BOUGHT}refund-request/": ("user", 400, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/refund-requests/": ("refund", 200, None),
    f"POST {INTERNAL}/refund-requests/{NOBODY}/refuse/": ("refund", 422, "VALIDATION_ERROR"),
    f"POST {BASE}/create-payment/": ("user", 400, "MISSING_PLAN_CODE"),
    f"POST {BASE}/create-payment/preview/": ("user", 400, "MISSING_PLAN_CODE"),
    f"POST {BASE}/create-test-live-payment/": ("user", 403, "FORBIDDEN"),
    f"POST {BASE}/subscription/autorenew/": ("user", 409, "RECURRING_DISABLED"),
    f"DELETE {BASE}/payment-method/": ("user", 200, None),
    f"POST {BASE}/consents/": ("user", 400, "VALIDATION_ERROR"),
    f"GET {BASE}/consents/": ("user", 200, None),
    f"DELETE {BASE}/consents/{NOBODY}/": ("user", 404, "CONSENT_NOT_FOUND"),
    f"POST {BASE}/bind-card/start/": ("user", 409, "CARD_BINDING_NOT_AVAILABLE"),
    f"POST {INTERNAL}/users/{USER}/usage/consume/": ("usage", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/users/{USER}/usage/reserve/": ("usage", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/users/{USER}/usage/": ("usage", 200, None),
    f"POST {INTERNAL}/users/{USER}/usage/reset/": ("admin", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/payments/{NOBODY}/refunds/": ("refund", 422, "IDEMPOTENCY_KEY_REQUIRED"),
    f"GET {INTERNAL}/payments/{NOBODY}/refunds/": ("refund", 404, "PAYMENT_NOT_FOUND"),
    f"GET {INTERNAL}/refunds/{NOBODY}/": ("refund", 404, "REFUND_NOT_FOUND"),
    f"POST {INTERNAL}/usage/operations/nobody/commit/": ("usage", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/usage/operations/nobody/extend/": ("usage", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/usage/operations/nobody/release/": ("usage", 404, "OPERATION_NOT_FOUND"),
    f"GET {INTERNAL}/events/": ("events", 200, None),
    f"POST {INTERNAL}/events/{NOBODY}/replay/": ("events", 404, "EVENT_NOT_FOUND"),
    f"POST {INTERNAL}/notices/{NOBODY}/delivered/": ("events", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/renewals/forecast/": ("read", 200, None),
    f"POST {INTERNAL}/users/{USER}/grants/": ("grant", 422, "IDEMPOTENCY_KEY_REQUIRED"),
    f"GET {INTERNAL}/plans/": ("admin", 200, None),
    f"POST {INTERNAL}/plans/": ("admin", 422, "VALIDATION_ERROR"),
    f"PATCH {INTERNAL}/plans/PRO_MONTHLY/": ("admin", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/plans/PRO_MONTHLY/history/": ("admin", 200, None),
    f"GET {INTERNAL}/npd/register/": ("read", 200, None),
    f"GET {INTERNAL}/npd/summary/": ("read", 200, None),
    f"POST {INTERNAL}/npd/register/{NOBODY}/registered/": ("admin", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/users/{USER}/receipt-contact/": ("user", 200, None),
    f"PUT {INTERNAL}/users/{USER}/receipt-contact/": ("user", 422, "VALIDATION_ERROR"),
    f"DELETE {INTERNAL}/users/{USER}/receipt-contact/": ("user", 200, None),
    f"GET {INTERNAL}/users/{USER}/periods/": ("grant", 200, None),
    f"GET {INTERNAL}/charging/": ("admin", 200, None),
    f"PUT {INTERNAL}/charging/": ("admin", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/users/{USER}/state/": ("read", 200, None),
    f"POST {INTERNAL}/users/query/": ("read", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/users/{USER}/timeline/": ("read", 200, None),
    f"DELETE {INTERNAL}/users/{USER}/": ("admin", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/users/{USER}/move-to/1002/": ("admin", 422, "VALIDATION_ERROR"),
    f"GET {INTERNAL}/subscribers/": ("read", 200, None),
    f"GET {INTERNAL}/stats/subscribers/": ("read", 200, None),
    f"GET {INTERNAL}/stats/revenue/": ("read", 200, None),
    f"GET {INTERNAL}/stats/series/": ("read", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/grants/{NO_GRANT}/revoke/": ("grant", 422, "VALIDATION_ERROR"),
    f"POST {INTERNAL}/grants/batches/": ("grant", 422, "IDEMPOTENCY_KEY_REQUIRED"),
    f"POST {INTERNAL}/grants/batches/{NO_GRANT}/revoke/": ("grant", 422, "VALIDATION_ERROR"),
}
SCOPES = {"user", "read", "usage", "grant", "refund", "events", "admin"}
MALFORMED_USERS = (
    *("", " ", "0", "-1", "+1", "1.0", "1e3", "0x10", "abc", "me", "null", "1,2", "1001;1002", "1001 1002"),
    *(
        "\u0661\u0660\u0660\u0661".encode(),
        b"\xff",
        b"1001\x00",
        "9" * 400,
        str(2**63),
        "9223372036854775808",
    ),
    *("9" * 19, "' OR 1=1 --", "1001\t", "{1001}"),
)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    scope: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def served() -> list[Endpoint]:
    """What the service offers, with the scopes that its routes say they need."""
    return [
        Endpoint(
            method,
            route.path.replace(f"{BASE}/payments/{{payment_id}}/", NOBODY_BOUGHT)
            .replace("{user_id}", str(USER))
            .replace("{user_id:a_user}", str(USER))
            .replace("{to_user_id}", "1002")
            .replace("{operation_id}", "nobody")
            .replace("{grant_id}", NO_GRANT)
            .replace("{grant_batch_id}", NO_GRANT)
            .replace("{code}", "PRO_MONTHLY")
            .replace("{payment_id}", NOBODY)
            .replace("{consent_id}", NOBODY)
            .replace("{refund_id}", NOBODY)
            .replace("{event_id}", NOBODY)
            .replace("{notice_id}", NOBODY)
            .replace("{refund_request_id}", NOBODY)
            .replace("{entry_id}", NOBODY),
            route.required_scope,
        )
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, PublicRoute | ScopedRoute)
        for method in route.methods or ()
    ]


SCOPED = [
    Endpoint(method, path, scope)
    for name, (scope, *_) in ALLOWED.items()
    for method, _, path in [name.partition(" ")]
]
# Paths on /internal/v1 name the user themselves.
FOR_A_USER = [endpoint for endpoint in SCOPED if endpoint.path.startswith(BASE)]
for_a_user = pytest.mark.parametrize("endpoint", FOR_A_USER, ids=str)
every_scoped = pytest.mark.parametrize("endpoint", SCOPED, ids=str)


@pytest.fixture
def app(services: Services) -> FastAPI:
    """The service with one token for each scope, `token-for-<scope>`, and one for all but each, `all-but-<scope>`."""
    tokens = {f"token-for-{scope}": {scope} for scope in SCOPES}
    tokens |= {f"all-but-{scope}": SCOPES - {scope} for scope in SCOPES}
    written = [
        f"{name}:{hashlib.sha256(name.encode()).hexdigest()}:{'+'.join(scopes)}"
        for name, scopes in tokens.items()
    ]
    known = tuple(parse_service_token(text) for text in written)
    settings = services.settings.model_copy(update={"billing_service_tokens": known})
    return create_app(settings, replace(services, settings=settings))


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as client:
        yield client


async def call(
    http: httpx.AsyncClient,
    endpoint: Endpoint,
    *headers: tuple[str, str | bytes],
    content: bytes | None = None,
) -> tuple[int, str | None]:
    """The status and the error code."""
    encoded = [
        (name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers
    ]
    if endpoint.method == "POST":
        encoded.append((b"Content-Type", b"application/json"))
        content = b'{"enabled": true}' if content is None else content
    answer = await http.request(endpoint.method, endpoint.path, headers=encoded, content=content)
    return answer.status_code, answer.json()["error"]["code"] if answer.is_error else None


def bearer(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


def named(user: str | bytes = str(USER)) -> tuple[str, str | bytes]:
    return "X-User-Id", user


def test_every_route_has_an_owner_or_is_on_the_public_list() -> None:
    for router in ROUTERS:
        refuse_unowned(router)
    assert {str(endpoint): endpoint.scope for endpoint in served()} == dict.fromkeys(PUBLIC) | {
        name: scope for name, (scope, *_) in ALLOWED.items()
    }


def test_every_scope_a_route_needs_can_be_given() -> None:
    assert {endpoint.scope for endpoint in SCOPED} <= SCOPES


@pytest.mark.parametrize(("environment", "pages"), [("prod", PAGES), ("dev", PAGES | {"/demo"})])
def test_nothing_is_served_beside_the_routers_but_the_pages(
    services: Services, environment: str, pages: set[str]
) -> None:
    settings = services.settings.model_copy(update={"billing_env": environment})

    routes = create_app(settings, replace(services, settings=settings)).routes

    ours = [route for router in ROUTERS for route in router.routes]
    assert [route for route in routes if route in ours] == ours
    beside = [route for route in routes if route not in ours]
    assert {route.path for route in beside if isinstance(route, Route | Mount)} == pages
    assert not [route for route in beside if not isinstance(route, Route | Mount)]


def test_a_route_that_names_no_owner_stops_the_start() -> None:
    unowned = APIRouter()
    unowned.add_api_route("/api/v1/billing/secrets/", lambda: None)

    with pytest.raises(TypeError, match="neither which scope it needs nor that it is public"):
        refuse_unowned(unowned)


def test_routes_that_name_their_owner_start() -> None:
    for route_class in (PublicRoute, needs("read")):
        owned = APIRouter(route_class=route_class)
        owned.add_api_route("/api/v1/billing/known/", lambda: None)

        refuse_unowned(owned)


@every_scoped
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer unknown",
        "Bearer dev-token",
        "Bearer token-for-{scope}x",
        "Bearer  token-for-{scope}",
        "Bearer token-for-{scope}, Bearer token-for-{scope}",
        "Token token-for-{scope}",
        "Basic token-for-{scope}",
        "token-for-{scope}",
        "Bearer {digest}",
        "Bearer токен",
        "Bearer \udcff\udcfe",
    ],
)
async def test_a_caller_we_do_not_know_is_a_401(
    http: httpx.AsyncClient, endpoint: Endpoint, authorization: str | None
) -> None:
    digest = hashlib.sha256(f"token-for-{endpoint.scope}".encode()).hexdigest()
    headers: list[tuple[str, str | bytes]] = [named()]
    if authorization is not None:
        presented = authorization.format(scope=endpoint.scope, digest=digest)
        headers.append(("Authorization", presented.encode(errors="surrogateescape")))

    assert await call(http, endpoint, *headers) == (401, "UNAUTHORIZED")


@every_scoped
async def test_a_caller_without_the_scope_is_a_403(http: httpx.AsyncClient, endpoint: Endpoint) -> None:
    all_others = f"all-but-{endpoint.scope}"

    assert await call(http, endpoint, bearer(all_others), named()) == (403, "FORBIDDEN")


@every_scoped
async def test_two_tokens_at_once_are_none(http: httpx.AsyncClient, endpoint: Endpoint) -> None:
    right = bearer(f"token-for-{endpoint.scope}")

    for presented in ((right, right), (right, bearer("unknown")), (bearer("unknown"), right)):
        assert await call(http, endpoint, *presented, named()) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "bEaReR"])
@every_scoped
async def test_the_kind_of_credential_is_a_word_in_any_casing(
    http: httpx.AsyncClient, endpoint: Endpoint, kind: str
) -> None:
    """RFC 9110, section 11.1."""
    answer = await call(http, endpoint, ("Authorization", f"{kind} token-for-{endpoint.scope}"), named())

    assert answer == ALLOWED[str(endpoint)][1:]


@for_a_user
async def test_without_a_user_a_caller_who_may_call_is_a_400(
    http: httpx.AsyncClient, endpoint: Endpoint
) -> None:
    assert await call(http, endpoint, bearer(f"token-for-{endpoint.scope}")) == (400, "USER_REQUIRED")


@for_a_user
@pytest.mark.parametrize("user", MALFORMED_USERS)
async def test_a_malformed_user_is_a_400(
    http: httpx.AsyncClient, endpoint: Endpoint, user: str | bytes
) -> None:
    answer = await call(http, endpoint, bearer(f"token-for-{endpoint.scope}"), named(user))

    assert answer == (400, "USER_REQUIRED")


@pytest.mark.parametrize(
    ("user", "reason"),
    [(None, "Не указан"), ("", "Не указан"), ("  ", "Не указан"), ("abc", "неверен"), ("0", "неверен")],
)
async def test_who_names_no_user_and_who_names_a_malformed_one_read_different_things(
    http: httpx.AsyncClient, user: str | None, reason: str
) -> None:
    headers = {"Authorization": "Bearer token-for-user"} | ({} if user is None else {"X-User-Id": user})

    error = (await http.get(f"{BASE}/me/", headers=headers)).json()["error"]

    assert error["code"] == "USER_REQUIRED"
    assert reason in error["message"]
    assert ("X-User-Id" in error["details"].get("fields", {})) == (reason == "неверен")


@for_a_user
async def test_two_users_at_once_are_none(http: httpx.AsyncClient, endpoint: Endpoint) -> None:
    token = bearer(f"token-for-{endpoint.scope}")

    assert await call(http, endpoint, token, named("1001"), named("1002")) == (400, "USER_REQUIRED")


@every_scoped
async def test_a_caller_who_may_call_is_answered(http: httpx.AsyncClient, endpoint: Endpoint) -> None:
    token = bearer(f"token-for-{endpoint.scope}")

    assert await call(http, endpoint, token, named()) == ALLOWED[str(endpoint)][1:]


@for_a_user
async def test_the_largest_user_id_is_a_user(http: httpx.AsyncClient, endpoint: Endpoint) -> None:
    token = bearer(f"token-for-{endpoint.scope}")

    assert await call(http, endpoint, token, named(str(2**63 - 1))) == ALLOWED[str(endpoint)][1:]


@every_scoped
async def test_who_calls_is_asked_before_the_body_is_read(
    http: httpx.AsyncClient, endpoint: Endpoint
) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield b"{"

    stranger = await http.request(endpoint.method, endpoint.path, content=body())
    not_allowed = await http.request(
        endpoint.method, endpoint.path, content=body(), headers=[bearer(f"all-but-{endpoint.scope}")]
    )

    assert (stranger.status_code, not_allowed.status_code) == (401, 403)
    assert not read


async def test_public_routes_need_no_token_and_mind_no_wrong_one(http: httpx.AsyncClient) -> None:
    for token in ([], [bearer("garbage")]):
        assert (await http.get(f"{BASE}/plans/", headers=token)).status_code == 200
        assert (await http.get("/health/live", headers=token)).status_code == 200
