"""A method is kept with a purchase if the user agreed and the provider saved it; the sale never depends on it."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from tests.ledger import days_granted, rows, value
from tests.payment_methods.cards import CONSENT, SAVING, delete, keep_a_card, order, refuse, shown
from tests.stage import USER, BackOffice, Clock, MainBackend, WebApp, work_off


async def test_a_card_that_was_agreed_to_is_kept_and_shown_by_four_digits(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    created = await keep_a_card(api, office, renewing)

    method, subscription = await shown(api), (await api.get("subscription/")).json()

    assert (created["method_will_be_saved"], created["not_saved_because"]) == (True, None)
    assert (method["is_attached"], method["card_mask"]) == (True, "•••• 4444")
    assert (subscription["card_bound"], subscription["payment_method"]) == (True, method)
    assert (subscription["autorenew_available"], subscription["autorenew_enabled"]) == (True, False)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("yoo_money", "YooMoney wallet •••• "),
        ("sbp", "Faster payments"),
        ("sberbank", "SberPay"),
        ("tinkoff_bank", "T-Pay"),
    ],
)
async def test_what_is_no_card_has_no_digits_and_says_what_it_is(
    api: MainBackend, office: BackOffice, renewing: Services, kind: str, title: str
) -> None:
    created = await order(api)
    page = f"http://sandbox/pay/{created['yookassa_payment_id']}"
    await office.http.post(page, data={"method": kind})
    await office.sandbox.delivered()
    await work_off(renewing)

    method = await shown(api)

    assert (method["is_attached"], method["card_mask"], method["card_brand"]) == (True, None, None)
    assert method["title"].startswith(title)


async def _agreed_by_itself(api: MainBackend, plan: str = "PRO_MONTHLY") -> None:
    response = await api.post("consents/", CONSENT | {"plan_code": plan})
    assert response.status_code == 201, response.text


async def test_a_consent_recorded_by_itself_counts_for_a_day(api: MainBackend, clock: Clock) -> None:
    without = await order(api, consent=False)
    await _agreed_by_itself(api)
    agreed = await order(api, consent=False)
    await clock.advance(hours=24, minutes=1)
    late = await order(api, consent=False)

    assert without["not_saved_because"] == late["not_saved_because"] == "CONSENT_REQUIRED"
    assert (agreed["method_will_be_saved"], agreed["not_saved_because"]) == (True, None)


async def test_a_consent_for_another_plan_or_a_lower_price_counts_for_nothing(
    api: MainBackend, renewing: Services
) -> None:
    await _agreed_by_itself(api, "PRO_YEARLY")
    other = await order(api, consent=False)
    await _agreed_by_itself(api)
    await renewing.statements.fetch("UPDATE subscription_plans SET price = 300 WHERE code = 'PRO_MONTHLY'")
    try:
        dearer = await order(api, consent=False)
    finally:
        await renewing.statements.fetch(
            "UPDATE subscription_plans SET price = 299 WHERE code = 'PRO_MONTHLY'"
        )

    assert other["not_saved_because"] == dearer["not_saved_because"] == "CONSENT_REQUIRED"


async def test_not_available_goes_before_not_agreed_and_nothing_is_said_unasked(
    api: MainBackend, renewing: Services
) -> None:
    unasked = await api.buy()
    await renewing.statements.fetch("INSERT INTO shops_unable_to_save VALUES ('100500', true, billing_now())")

    unable = await order(api, consent=False)

    assert (unasked["method_will_be_saved"], unasked["not_saved_because"]) == (False, None)
    assert unable["not_saved_because"] == "RECURRING_NOT_AVAILABLE"


async def test_the_same_key_answers_the_same_about_saving(api: MainBackend) -> None:
    first = await order(api, consent=False, Idempotency_Key="k")
    await _agreed_by_itself(api)

    again = await order(api, consent=False, Idempotency_Key="k")

    assert again == first
    assert first["not_saved_because"] == "CONSENT_REQUIRED"


async def test_a_shop_that_may_keep_nothing_sells_at_once_without(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/shop", {"recurring": False})

    sold = await order(api, Idempotency_Key="k")
    again = await order(api, Idempotency_Key="k")

    assert again == sold
    assert (sold["method_will_be_saved"], sold["not_saved_because"]) == (False, "RECURRING_NOT_AVAILABLE")
    assert [one["body"]["save_payment_method"] for one in await office.creations()] == [False, True]
    assert await value(database, "SELECT count(*) FROM payments") == 2
    assert len((await api.get("payments/")).json()["results"]) == 1
    await order(api, Idempotency_Key="within-the-hour")
    assert len(await office.creations()) == 3
    await clock.advance(minutes=61)
    await order(api, Idempotency_Key="after-the-hour")
    assert len(await office.creations()) == 5
    await office.pay(sold)
    await work_off(renewing)
    assert await days_granted(database, USER) == 30
    assert (await shown(api))["is_attached"] is False


async def test_one_purchase_takes_one_place_of_the_limit(office: BackOffice, api: MainBackend) -> None:
    await office.call("PUT", "/shop", {"recurring": False})
    left = []
    for key in ("first", "second"):
        response = await api.post("create-payment/", SAVING | {"consent": CONSENT}, Idempotency_Key=key)
        left.append(response.headers["ratelimit"].split(";")[1])

    assert left == ["r=19", "r=18"]


class Forbidding(httpx.AsyncBaseTransport):
    """A provider that answers every creation of a payment with 403, whatever is asked."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(await request.aread())["save_payment_method"])
        return httpx.Response(403, json={"type": "error", "code": "forbidden", "description": "No."})


@pytest.fixture
async def forbidding(renewing: Services, web: WebApp) -> AsyncIterator[Forbidding]:
    provider, settings = Forbidding(), renewing.settings
    client = YookassaClient(
        shop_id=settings.shop_id,
        secret_key=settings.api_key.get_secret_value(),
        api_url=settings.yookassa_api_url,
        transport=provider,
    )
    async with client:
        web.app = create_app(settings, replace(renewing, yookassa=client))
        yield provider


async def test_a_second_403_is_a_rejection_and_marks_nothing(
    api: MainBackend, forbidding: Forbidding, database: Database, clock: Clock
) -> None:
    refused = await api.post("create-payment/", SAVING | {"consent": CONSENT}, Idempotency_Key="k")
    marked = await rows(database, "SELECT refused_at FROM shops_unable_to_save")
    await clock.advance(minutes=61)
    again = await api.post("create-payment/", SAVING | {"consent": CONSENT}, Idempotency_Key="k")

    assert forbidding.asked == [True, False]
    for answer in (refused, again):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "YOOKASSA_REJECTED")
    assert len(marked) == 1
    assert await rows(database, "SELECT refused_at FROM shops_unable_to_save") == marked
    assert [one["status"] for one in (await api.get("payments/")).json()["results"]] == ["failed"]


async def test_a_403_to_who_asked_for_no_saving_says_nothing_about_the_shop(
    api: MainBackend, forbidding: Forbidding, database: Database
) -> None:
    refused = await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "YOOKASSA_REJECTED")
    assert forbidding.asked == [False]
    assert await value(database, "SELECT count(*) FROM shops_unable_to_save") == 0
    assert await value(database, "SELECT count(*) FROM payments") == 1


async def test_a_request_in_doubt_never_goes_on_without_saving(
    api: MainBackend, office: BackOffice, database: Database, clock: Clock
) -> None:
    """What was lost may have been taken: beside it nothing else may be sent for the same purchase."""
    await office.call("PUT", "/shop", {"recurring": False})
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    lost = await api.post("create-payment/", SAVING | {"consent": CONSENT}, Idempotency_Key="k")
    await office.call("PUT", "/faults", [])
    await clock.advance(seconds=46)
    asked_before = len(await office.creations())
    again = await api.post("create-payment/", SAVING | {"consent": CONSENT}, Idempotency_Key="k")

    assert (lost.status_code, again.status_code) == (503, 503)
    assert len(await office.creations()) > asked_before
    assert await rows(database, "SELECT status, save_payment_method, outcome_unknown FROM payments") == [
        {"status": "PENDING", "save_payment_method": True, "outcome_unknown": True}
    ]
    assert await value(database, "SELECT count(*) FROM shops_unable_to_save") == 0


async def test_what_the_provider_did_not_save_is_not_kept_and_the_days_are_granted(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "not_saved"}])

    await keep_a_card(api, office, renewing)

    assert (await shown(api))["is_attached"] is False
    assert await days_granted(database, USER) == 30


async def test_a_card_paid_with_after_a_refusal_under_an_older_consent_is_not_kept(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    created = await order(api)
    await refuse(api)

    await office.pay(created)
    await work_off(renewing)

    assert (await shown(api))["is_attached"] is False
    assert await days_granted(database, USER) == 30


async def test_who_agrees_anew_to_an_open_checkout_keeps_the_card(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    created = await order(api)
    await refuse(api)
    again = await order(api)

    await office.pay(again)
    await work_off(renewing)

    assert again["payment_id"] == created["payment_id"]
    assert (await shown(api))["is_attached"] is True


async def test_what_goes_wrong_with_a_card_undoes_no_day_and_a_person_is_told(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await renewing.statements.fetch(
        "ALTER TABLE payment_methods ADD CONSTRAINT ck_payment_methods_none CHECK (type <> 'bank_card')"
    )
    try:
        with capture_logs() as lines:
            await keep_a_card(api, office, renewing)
    finally:
        await renewing.statements.fetch("ALTER TABLE payment_methods DROP CONSTRAINT ck_payment_methods_none")

    assert await days_granted(database, USER) == 30
    assert (await shown(api))["is_attached"] is False
    assert [
        (line["kind"], line["user_id"], line["sqlstate"]) for line in lines if line["event"] == "alarm.raised"
    ] == [("payment_method_not_kept", USER, "23514")]


async def test_who_holds_the_older_card_in_a_transaction_undoes_no_day_either(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    """Somebody's psql, say: the card is given up after a second, and the purchase is settled."""
    await keep_a_card(api, office, renewing)
    second = await order(api, Idempotency_Key="second")
    async with renewing.statements.transaction() as tx:
        await tx.execute("SELECT FROM payment_methods FOR UPDATE")
        await office.pay(second, "2202474301322987")
        await work_off(renewing)
        # With the longest wait of all statements it would be 7.
        waited = await tx.value("SELECT clock_timestamp() - now() < interval '6 seconds'")

    assert waited
    assert await days_granted(database, USER) == 60
    assert (await shown(api))["card_mask"] == "•••• 4444"


async def test_the_newest_card_takes_the_place_of_the_one_before(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    second = await order(api, Idempotency_Key="second")
    await office.pay(second, "2202474301322987")
    await work_off(renewing)

    assert (await shown(api))["card_mask"] == "•••• 2987"
    statement = "SELECT count(*) FROM payment_methods WHERE sealed_id IS NOT NULL"
    assert await value(database, statement) == 1


async def test_nothing_that_can_be_charged_with_stands_in_clear_anywhere(
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    created = await keep_a_card(api, office, renewing)
    method_id = created["yookassa_payment_id"]

    stored = await value(database, "SELECT json_agg(m)::text FROM payment_methods m")
    told = await value(database, "SELECT json_agg(e)::text FROM outbox_events e")

    assert method_id not in stored
    assert "payment_method.saved" in told
    assert method_id not in told
    assert "5555555555554444" not in stored + told + capsys.readouterr().out


async def test_consents_are_listed_withdrawn_and_somebody_elses_is_not_there(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    await renewing.statements.fetch("UPDATE subscriptions SET auto_renew = true")
    asked = CONSENT | {"plan_code": "PRO_MONTHLY"}
    given = (await api.post("consents/", asked, X_User_IP="203.0.113.7", X_User_Agent="Telegram")).json()

    stranger = await delete(api, f"consents/{given['consent_id']}/", 2002)
    withdrawn = (await delete(api, f"consents/{given['consent_id']}/")).json()
    again = (await delete(api, f"consents/{given['consent_id']}/")).json()
    listed = (await api.get("consents/")).json()["results"]

    expected: Mapping[str, Any] = {
        "consent_id": given["consent_id"],
        "document_version": "2026-11",
        "plan_code": "PRO_MONTHLY",
        "amount": "299.00",
        "currency": "RUB",
        "period_days": 30,
        "given_at": given["given_at"],
    }
    assert given == expected
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (404, "CONSENT_NOT_FOUND")
    assert again == withdrawn
    assert [one["withdrawn_at"] is None for one in listed] == [False, True]
    assert (await shown(api))["is_attached"] is True
    assert await value(database, "SELECT auto_renew FROM subscriptions") is False
    kept = json.loads(await value(database, "SELECT json_agg(c ORDER BY given_at)::text FROM consents c"))
    assert [(one["payer_ip"], one["payer_agent"]) for one in kept] == [
        (None, None),
        ("203.0.113.7", "Telegram"),
    ]
