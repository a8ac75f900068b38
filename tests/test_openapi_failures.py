"""Every failure that the OpenAPI page shows is answered like that, word for word."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr

from billing_service.config import DEV_TOKEN, SCOPES
from billing_service.kit.http import httpx
from billing_service.kit.ratelimit import Rate
from billing_service.kit.tokens import ServiceToken
from billing_service.receipts import shop
from billing_service.services import Services
from billing_service.web.errors.requests import RateLimited
from billing_service.web.ratelimits import (
    ATTEMPTS,
    CREATE_PAYMENT,
    POLLING,
    WEBHOOK,
    WEBHOOK_STRANGERS,
    WEBHOOK_TRUSTED,
    Scope,
)
from tests.charges import charge
from tests.shown import (
    NEIGHBOUR,
    NOT_YET,
    OPERATIONS,
    STRANGER,
    Operation,
    assert_shown,
    calling,
    header_examples,
)
from tests.stage import BackOffice, Clock, MainBackend, noon, work_off

LIMITED = [
    ("create_payment", CREATE_PAYMENT, NEIGHBOUR),
    ("create_payment", ATTEMPTS, NEIGHBOUR),
    ("create_test_live_payment", ATTEMPTS, NEIGHBOUR),
    ("start_card_binding", ATTEMPTS, NEIGHBOUR),
    ("get_payment", POLLING, NEIGHBOUR),
    ("receive_notification", WEBHOOK_TRUSTED, NEIGHBOUR),
    ("receive_notification", WEBHOOK, STRANGER),
    ("receive_notification", WEBHOOK_STRANGERS, STRANGER),
]
# What a caller may get wrong of each operation, and is told by the name of the field.
WRONG: dict[str, dict[str, Any]] = {
    "create_payment": {"body": {"plan_code": 5}},
    "preview_payment": {"body": {"plan_code": 5}},
    "create_test_live_payment": {"body": {"return_url": 5}},
    "set_autorenew": {"body": {}},
    "start_card_binding": {"body": {"consent": {}}},
    "give_consent": {"body": {"plan_code": "PRO_MONTHLY"}},
    "withdraw_consent": {"but": {"consent_id": "4711"}},
    "get_payment": {"but": {"payment_id": "4711"}},
    "consume_usage": {"body": {"amount": 0}},
    "reserve_usage": {"body": {"operation_id": "a", "amount": 0}},
    "commit_usage": {"but": {"operation_id": "фото"}},
    "move_user": {"body": {"author": "support"}},
    "erase_user": {"body": {"author": "support"}},
    "extend_usage": {"body": {}},
    "release_usage": {"but": {"operation_id": "фото"}},
    "get_usage": {"but": {"user_id": 0}},
    "reset_usage": {"body": {"author": "support"}},
    "create_grant": {"but": {"Idempotency-Key": "a b"}},
    "give_to_many": {"but": {"Idempotency-Key": "a b"}},
    "revoke_grant_batch": {"body": {"author": "support"}},
    "revoke_grant": {"body": {"author": "support"}},
    "list_periods": {"but": {"user_id": 0}},
    "switch_charging": {"body": {"charging": False, "author": "owner"}},
    "add_plan": {"body": {k: v for k, v in OPERATIONS["add_plan"].body.items() if k != "reason"}},
    "change_plan": {"body": {"price": "349.00", "author": "owner"}},
    "get_plan_history": {"but": {"code": "gold"}},
    "preview_refund_request": {"but": {"payment_id": "4711"}},
    "ask_for_refund": {"body": {}},
    "list_refund_requests": {"but": {"limit": 201}},
    "refuse_refund_request": {"body": {"author": "support"}},
    "create_refund": {"body": {"author": "support"}},
    "list_refunds": {"but": {"payment_id": "4711"}},
    "get_refund": {"but": {"refund_id": "4711"}},
    "get_receipt_contact": {"but": {"user_id": 0}},
    "put_receipt_contact": {"body": {"email": "payer"}},
    "erase_receipt_contact": {"but": {"user_id": 0}},
    "list_npd_register": {"but": {"month": "2026-13"}},
    "get_npd_summary": {"but": {"year": 1999}},
    "mark_npd_registered": {"body": {"author": "owner"}},
    "list_events": {"but": {"after": -1}},
    "replay_event": {"but": {"event_id": "4711"}},
    "report_notice_delivered": {"body": {"channel": "telegram", "at": "2999-01-01T00:00:00Z"}},
    "get_renewal_forecast": {"but": {"days": 32}},
    "get_user_state": {"but": {"user_id": 0}},
    "query_users": {"body": {"user_ids": list(range(1, 502))}},
    "get_timeline": {"but": {"user_id": 0}},
    "list_subscribers": {"but": {"after": -1}},
    "sum_revenue": {"but": {"from": "2026-11-02", "to": "2026-11-01"}},
    "list_series": {"but": {"from": "2026-11-02", "to": "2026-11-01"}},
}
# Seen elsewhere: a database that is away, and the live shop without its plan.
ELSEWHERE = {"TEMPORARILY_UNAVAILABLE", "TEST_PLAN_NOT_FOUND"}


def those(wanted: Callable[[Operation], bool]) -> pytest.MarkDecorator:
    chosen = [one for one in OPERATIONS.values() if wanted(one)]
    return pytest.mark.parametrize("operation", chosen, ids=lambda one: one.name)


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(services) as client:
        yield client


@those(lambda one: one.is_scoped)
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


@those(lambda one: "X-User-Id" in str(one.says.get("parameters")))
async def test_a_call_that_names_no_user_is_answered_as_shown(
    http: httpx.AsyncClient, operation: Operation
) -> None:
    unnamed = await operation.execute(http, token=DEV_TOKEN, without="X-User-Id")
    malformed = await operation.execute(http, token=DEV_TOKEN, but={"X-User-Id": "abc"})

    assert_shown(operation, unnamed, "USER_REQUIRED")
    assert_shown(operation, malformed, "USER_REQUIRED")
    assert unnamed.json() != malformed.json()


@those(lambda one: one.body is not None)
async def test_a_body_that_is_too_large_is_answered_as_shown(
    http: httpx.AsyncClient, operation: Operation
) -> None:
    answer = await operation.execute(http, token=DEV_TOKEN, content=b" " * 70_000)

    assert_shown(operation, answer, "PAYLOAD_TOO_LARGE")


@those(lambda one: one.name in WRONG)
async def test_what_is_wrong_in_a_call_is_answered_as_shown(
    http: httpx.AsyncClient, operation: Operation
) -> None:
    answer = await operation.execute(http, token=DEV_TOKEN, **WRONG[operation.name])

    assert_shown(operation, answer, "VALIDATION_ERROR")


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


@dataclass(frozen=True)
class Stage:
    """Somebody at the page, the provider's office and the clock."""

    http: httpx.AsyncClient
    backend: MainBackend
    office: BackOffice
    clock: Clock
    services: Services

    async def paid(self) -> str:
        """The id of a payment of 299 roubles that was settled."""
        created = await self.backend.buy()
        await self.office.pay(created)
        await work_off(self.services)
        return str(created["payment_id"])

    async def execute(self, name: str, **changes: Any) -> httpx.Response:  # noqa: ANN401 (as of an operation)
        return await OPERATIONS[name].execute(self.http, token=DEV_TOKEN, **changes)


@pytest.fixture
async def stage(
    http: httpx.AsyncClient, api: MainBackend, office: BackOffice, clock: Clock, services: Services
) -> Stage:
    return Stage(http, api, office, clock, services)


# Each is named after the code that it ends with.
async def missing_plan_code(stage: Stage) -> httpx.Response:
    return await stage.execute("create_payment", body={})


async def invalid_plan(stage: Stage) -> httpx.Response:
    return await stage.execute("create_payment", body={"plan_code": "GOLD"})


async def preview_stale(stage: Stage) -> httpx.Response:
    body = OPERATIONS["create_payment"].body | {"preview_id": "of yesterday"}
    return await stage.execute("create_payment", body=body)


async def idempotency_key_reused(stage: Stage) -> httpx.Response:
    await stage.execute("create_payment")
    return await stage.execute("create_payment", body={"plan_code": "PRO_YEARLY"})


async def receipt_contact_required(stage: Stage) -> httpx.Response:
    await stage.office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(stage.services)
    return await stage.execute("create_payment", body={"plan_code": "PRO_MONTHLY"})


async def yookassa_rejected(stage: Stage) -> httpx.Response:
    await stage.office.call("PUT", "/shop", {"fiscalization": True})
    return await stage.execute("create_payment")


async def yookassa_unavailable(stage: Stage) -> httpx.Response:
    await stage.office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    return await stage.execute("create_payment")


async def amount_above_limit(stage: Stage) -> httpx.Response:
    return await stage.execute("consume_usage", body={"amount": 4})


async def daily_limit_reached(stage: Stage) -> httpx.Response:
    await stage.execute("consume_usage", body={"amount": 3})
    return await stage.execute("reserve_usage")


async def feature_unknown(stage: Stage) -> httpx.Response:
    return await stage.execute("consume_usage", body={"feature": "teleport"})


async def limit_held(stage: Stage) -> httpx.Response:
    await stage.execute("reserve_usage", body={"operation_id": "another", "amount": 3})
    return await stage.execute("consume_usage")


async def operation_mismatch(stage: Stage) -> httpx.Response:
    await stage.execute("reserve_usage")
    return await stage.execute("reserve_usage", but={"user_id": 1002})


async def operation_expired(stage: Stage) -> httpx.Response:
    await noon(stage.services.db, stage.clock)
    await stage.execute("reserve_usage")
    await stage.clock.advance(seconds=301)
    await stage.execute("consume_usage", body={"amount": 3})
    return await stage.execute("commit_usage")


async def operation_committed(stage: Stage) -> httpx.Response:
    await stage.execute("reserve_usage")
    await stage.execute("commit_usage")
    return await stage.execute("release_usage")


async def plan_not_found(stage: Stage) -> httpx.Response:
    shown = OPERATIONS["create_grant"].body
    return await stage.execute("create_grant", body=shown | {"plan_code": "GOLD"})


async def grant_batch_differs(stage: Stage) -> httpx.Response:
    await stage.execute("give_to_many")
    return await stage.execute("give_to_many", body=OPERATIONS["give_to_many"].body | {"days": 30})


async def grant_batch_revoked(stage: Stage) -> httpx.Response:
    given = (await stage.execute("give_to_many")).json()
    await stage.execute("revoke_grant_batch", but={"grant_batch_id": given["grant_batch_id"]})
    return await stage.execute("give_to_many")


async def plan_exists(stage: Stage) -> httpx.Response:
    shown = OPERATIONS["add_plan"].body
    return await stage.execute("add_plan", body=shown | {"code": "PRO_MONTHLY"})


async def plan_terms_frozen(stage: Stage) -> httpx.Response:
    await stage.execute("create_payment")
    shown = OPERATIONS["change_plan"].body
    return await stage.execute("change_plan", body=shown | {"duration_days": 31})


async def idempotency_key_required(stage: Stage) -> httpx.Response:
    return await stage.execute("create_grant", without="Idempotency-Key")


async def not_refundable(stage: Stage) -> httpx.Response:
    unpaid = (await stage.execute("create_payment")).json()["payment_id"]
    return await stage.execute("create_refund", but={"payment_id": unpaid})


async def refund_too_large(stage: Stage) -> httpx.Response:
    body = OPERATIONS["create_refund"].body | {"amount": "299.01"}
    return await stage.execute("create_refund", but={"payment_id": await stage.paid()}, body=body)


async def access_exceeds_refund(stage: Stage) -> httpx.Response:
    body = OPERATIONS["create_refund"].body | {"amount": "100.00", "access": "cut_all"}
    return await stage.execute("create_refund", but={"payment_id": await stage.paid()}, body=body)


async def _renewing(stage: Stage) -> httpx.Response:
    async with calling(stage.services, billing_recurring_enabled=True) as http:
        return await OPERATIONS["set_autorenew"].execute(http, token=DEV_TOKEN)


async def not_available_for_free(stage: Stage) -> httpx.Response:
    return await _renewing(stage)


async def payment_method_required(stage: Stage) -> httpx.Response:
    await stage.paid()
    return await _renewing(stage)


async def consent_required(stage: Stage) -> httpx.Response:
    await stage.paid()
    async with calling(stage.services, billing_recurring_enabled=True) as http:
        bought = (await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)).json()
        await stage.office.pay(bought)
        await work_off(stage.services)
        consents = await OPERATIONS["list_consents"].execute(http, token=DEV_TOKEN)
        given = consents.json()["results"][0]["consent_id"]
        await OPERATIONS["withdraw_consent"].execute(http, token=DEV_TOKEN, but={"consent_id": given})
        return await OPERATIONS["set_autorenew"].execute(http, token=DEV_TOKEN)


async def renewal_in_progress(stage: Stage) -> httpx.Response:
    async with calling(stage.services, billing_recurring_enabled=True) as http:
        bought = (await OPERATIONS["create_payment"].execute(http, token=DEV_TOKEN)).json()
    await stage.office.pay(bought)
    await work_off(stage.services)
    async with stage.services.statements.transaction() as tx:
        await charge(tx.connection, await tx.value("SELECT id FROM payment_methods"))
        await tx.execute("UPDATE payments SET first_sent_at = billing_now() WHERE is_recurring")
    return await stage.execute("create_payment", but={"Idempotency-Key": "another"})


async def user_moved(stage: Stage) -> httpx.Response:
    await stage.execute("move_user")
    return await stage.execute("create_payment", but={"X-User-Id": 4711})


async def move_refused(stage: Stage) -> httpx.Response:
    await stage.execute("create_payment")
    return await stage.execute("move_user")


async def invalid_json(stage: Stage) -> httpx.Response:
    return await stage.execute("receive_notification", content=b"{")


async def invalid_payload(stage: Stage) -> httpx.Response:
    return await stage.execute("receive_notification", body={"event": "payment.succeeded"})


PROVOKED = [
    receipt_contact_required,
    *(
        missing_plan_code,
        invalid_plan,
        preview_stale,
        idempotency_key_reused,
        yookassa_rejected,
        yookassa_unavailable,
    ),
    *(amount_above_limit, daily_limit_reached, limit_held, feature_unknown),
    *(operation_mismatch, operation_expired, operation_committed),
    *(plan_not_found, plan_exists, plan_terms_frozen, idempotency_key_required),
    *(grant_batch_differs, grant_batch_revoked),
    *(not_refundable, refund_too_large, access_exceeds_refund),
    renewal_in_progress,
    *(not_available_for_free, payment_method_required, consent_required),
    *(user_moved, move_refused),
    *(invalid_json, invalid_payload),
]


def code_of(provoke: Callable[[Stage], Awaitable[httpx.Response]]) -> str:
    """One is written as the legacy API writes it."""
    return provoke.__name__ if provoke is payment_method_required else provoke.__name__.upper()


@pytest.mark.parametrize("provoke", PROVOKED, ids=lambda one: one.__name__)
async def test_a_failure_is_answered_as_shown(
    stage: Stage, provoke: Callable[[Stage], Awaitable[httpx.Response]]
) -> None:
    answer = await provoke(stage)

    (operation,) = [one for one in OPERATIONS.values() if one.answered(answer)]
    assert_shown(operation, answer, code_of(provoke))


async def test_who_may_not_notify_is_answered_as_shown(services: Services) -> None:
    operation = OPERATIONS["receive_notification"]
    async with calling(services, STRANGER) as http:
        stranger = await operation.execute(http, token=None)
    async with calling(services, webhook_hmac_secret=SecretStr("secret")) as http:
        unsigned = await operation.execute(http, token=None)

    assert_shown(operation, stranger, "FORBIDDEN")
    assert_shown(operation, unsigned, "FORBIDDEN")
    assert stranger.json()["error"]["message"] != unsigned.json()["error"]["message"]


def test_every_failure_of_the_page_is_provoked_by_these_tests() -> None:
    shown = {
        example["value"]["error"]["code"]
        for operation in OPERATIONS.values()
        for status in operation.says["responses"]
        for example in operation.examples(int(status)).values()
    }
    everywhere = {"UNAUTHORIZED", "FORBIDDEN", "USER_REQUIRED", "PAYLOAD_TOO_LARGE", "RATE_LIMITED"}
    wrong = {operation.name for operation in OPERATIONS.values() if "VALIDATION_ERROR" in str(operation.says)}

    provoked = {code_of(one) for one in PROVOKED} | {code for _, code in NOT_YET.values()}
    assert provoked | everywhere | {"VALIDATION_ERROR"} | ELSEWHERE == shown
    assert wrong == WRONG.keys()
