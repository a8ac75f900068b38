"""The main backend's side as the Django example does it: the whole legacy contract through its proxy, and events."""

import importlib.util
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from signal import SIGKILL
from types import ModuleType
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook

from billing_service.kit.http import httpx
from tests.clients.backend import EXAMPLE, App, pay, signed_in, until
from tests.events.receiver import NEXT_SECRET, SECRET
from tests.outside import Outside

TELEGRAM = count(90_000_001)
BUTTON = {"plan_code": "PRO_MONTHLY", "save_payment_method": True}


@pytest.fixture
async def http(backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=backend, timeout=30) as http:
        yield http


@pytest.fixture
def app(http: httpx.AsyncClient) -> App:
    """Of a new user."""
    return App(http, next(TELEGRAM))


def delivery(event: dict[str, object], secret: str = SECRET, ago: float = 0) -> tuple[bytes, dict[str, str]]:
    body, at = json.dumps(event), datetime.now(UTC) - timedelta(seconds=ago)
    headers = {
        "webhook-id": str(event["id"]),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(event["id"]), at, body),
    }
    return body.encode(), headers


async def test_buying_pro_and_refusing_the_card(running: Outside, app: App) -> None:
    plans, me, subscription = [await app.billing(path) for path in ("plans/", "me/", "subscription/")]
    assert [plan["code"] for plan in plans] == ["FREE", "PRO_MONTHLY", "PRO_YEARLY"]
    assert (me["plan_code"], me["remaining_today"]) == ("FREE", 3)
    assert (subscription["plan"], subscription["expires_at"]) == ("free", None)

    bought = await app.call("POST", "/api/v1/billing/create-payment/", BUTTON, Idempotency_Key="click-1")
    assert bought.status_code == 201
    again = await app.call("POST", "/api/v1/billing/create-payment/", BUTTON, Idempotency_Key="click-1")
    assert again.json()["payment_id"] == bought.json()["payment_id"]
    await pay(running, bought.json())

    async def is_pro() -> bool:
        return bool((await app.billing("subscription/"))["plan"] == "pro")

    async def was_told() -> bool:
        return (await app.profile())["billing"] is not None

    await until(is_pro)
    await until(was_told)
    subscription = await app.billing("subscription/")
    told = (await app.profile())["billing"]
    assert subscription["is_active"] is True
    assert told["plan"] == "PRO_MONTHLY"
    ends = datetime.fromisoformat(told["access_until"]).astimezone(ZoneInfo("Europe/Moscow"))
    assert ends.date().isoformat() == subscription["expires_at"]
    (paid,) = (await app.billing("payments/?limit=10"))["results"]
    assert (paid["status"], paid["amount"]) == ("succeeded", 299.0)
    assert (await app.billing("me/"))["remaining_today"] is None

    refused = await app.call("DELETE", "/api/v1/billing/payment-method/")
    assert refused.status_code == 200
    assert (await app.billing("payment-method/"))["is_attached"] is False


async def test_three_photos_a_day_and_a_failed_one_costs_nothing(app: App) -> None:
    failed = await app.analyse(1, shows="a table")
    assert failed.status_code == 422
    for photo in (1, 2, 3, 3):  # the last one is a repeat, and counts once
        assert (await app.analyse(photo)).json() == {"meal": "soup"}

    refused = await app.analyse(4)

    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "DAILY_LIMIT_REACHED"
    assert (await app.billing("me/"))["used_today"] == 3


async def test_what_concerns_our_token_is_the_backends_own_503(app: App) -> None:
    forbidden = await app.call("POST", "/api/v1/billing/create-test-live-payment/", {})

    assert forbidden.status_code == 503
    assert forbidden.json()["error"]["code"] == "BILLING_UNAVAILABLE"
    translation = _module_of_the_example("billing/translation.py")
    required = json.dumps({"error": {"code": "USER_REQUIRED"}}).encode()
    assert translation.is_our_fault(401, b"")
    assert translation.is_our_fault(400, required)
    assert not translation.is_our_fault(400, b'{"error": {"code": "INVALID_PLAN"}}')
    assert not translation.is_our_fault(400, b"<html>")


async def test_other_refusals_reach_the_user_as_they_are(app: App) -> None:
    gold = await app.call("POST", "/api/v1/billing/create-payment/", {"plan_code": "GOLD"})

    assert (gold.status_code, gold.json()["error"]["message"]) == (400, "Такого тарифа нет в продаже.")
    assert gold.headers["X-Request-ID"]


async def test_a_browser_is_believed_nothing_about_users(http: httpx.AsyncClient, app: App) -> None:
    somebody = (await app.profile())["user_id"]
    for headers in ({}, {"X-User-Id": str(somebody)}, signed_in(1, bot="somebody else's")):
        assert (await http.get("/api/v1/billing/me/", headers=headers)).status_code == 401
    await app.analyse(1)
    other = App(http, next(TELEGRAM))
    shown = await other.call("GET", "/api/v1/billing/me/", X_User_Id=str(somebody))
    assert shown.json()["used_today"] == 0
    assert (await http.get("/api/v1/billing/plans/")).status_code == 200
    assert (await http.post("/api/v1/billing/webhooks/yookassa", json={})).status_code == 404


async def test_the_end_of_the_limit_is_told(app: App) -> None:
    for photo in (1, 2, 3):
        await app.analyse(photo)

    async def was_told() -> bool:
        return bool((await app.profile())["events"] == ["usage.limit_reached"])

    await until(was_told)


async def test_a_notice_of_a_renewal_is_answered_with_when_the_user_was_told(
    http: httpx.AsyncClient, app: App
) -> None:
    user = (await app.profile())["user_id"]
    notice: dict[str, object] = {
        "id": str(uuid4()), "type": "subscription.renewal_upcoming", "feed_no": 1, "user_seq": 1, "user_id": user,
        "data": {"text": "Спишем 299 ₽", "how_to_cancel": "Отключите автопродление."},
        "state": {"plan": "PRO_MONTHLY"},
    }  # fmt: skip

    body, headers = delivery(notice)
    told = await http.post("/billing/events/", content=body, headers=headers)
    copy = await http.post("/billing/events/", content=body, headers=headers)
    body, headers = delivery(notice, ago=30)
    another_try = await http.post("/billing/events/", content=body, headers=headers)

    assert told.json()["delivered"]["channel"] == "telegram"
    assert datetime.fromisoformat(told.json()["delivered"]["at"]).tzinfo
    assert another_try.json() == told.json()
    assert copy.status_code == 401
    assert (await app.profile())["messages"] == ["Спишем 299 ₽. Отключите автопродление."]


async def test_an_older_event_does_not_overwrite_a_newer_one(http: httpx.AsyncClient, app: App) -> None:
    user = (await app.profile())["user_id"]
    for seq, plan in ((2, "PRO_YEARLY"), (1, "PRO_MONTHLY")):
        told = {"type": "subscription.extended", "feed_no": seq, "user_seq": seq, "user_id": user}
        body, headers = delivery({"id": str(uuid4()), "state": {"plan": plan}} | told)
        assert (await http.post("/billing/events/", content=body, headers=headers)).status_code == 204

    assert (await app.profile())["billing"] == {"plan": "PRO_YEARLY"}


async def test_what_we_did_not_sign_is_no_event(http: httpx.AsyncClient) -> None:
    event: dict[str, object] = {"id": str(uuid4()), "type": "payment.succeeded", "feed_no": 1, "user_id": 1}
    for body, headers in (delivery(event, NEXT_SECRET), delivery(event, ago=301)):
        assert (await http.post("/billing/events/", content=body, headers=headers)).status_code == 401
    assert (await http.post("/billing/events/", json=event)).status_code == 401


async def test_while_we_are_away_two_photos_a_day_pass_and_are_counted_afterwards(
    running: Outside, app: App
) -> None:
    await app.profile()
    await running.programs["api"].end(SIGKILL)
    shown = await app.call("GET", "/api/v1/billing/me/")
    away = [(await app.analyse(photo)).status_code for photo in (1, 2, 3)]
    await running.start_api()
    back = await app.analyse(4)

    assert (shown.status_code, shown.headers["Retry-After"]) == (503, "5")
    assert away == [200, 200, 503]
    assert back.status_code == 200

    async def all_counted() -> bool:
        return bool((await app.billing("me/"))["used_today"] == 3)

    await until(all_counted)


def _module_of_the_example(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("of_the_example", EXAMPLE / path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
