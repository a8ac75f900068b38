"""What the frontend that moves over without a release sends and reads: it buys PRO, and sees it end."""

from typing import Any

import pytest
from sqlalchemy import text

from billing_service.config import DEV_TOKEN
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import USER, BackOffice, Clock, MainBackend, buy_and_pay, work_off

BUTTON = b'{"plan_code": "PRO_MONTHLY", "save_payment_method": true}'


async def press_the_button(api: MainBackend) -> httpx.Response:
    """As the main backend passes it on: the frontend's bytes, its own token, the user's id, no key."""
    headers = {
        "Authorization": f"Bearer {DEV_TOKEN}",
        "X-User-Id": str(USER),
        "Content-Type": "application/json",
    }
    return await api.http.post("/api/v1/billing/create-payment/", content=BUTTON, headers=headers)


async def subscription(api: MainBackend, user: int = USER) -> dict[str, Any]:
    shown: dict[str, Any] = (await api.get("subscription/", user)).json()
    return shown


async def test_its_purchase_button_buys_pro(api: MainBackend, office: BackOffice, services: Services) -> None:
    response = await press_the_button(api)

    created = response.json()
    assert response.status_code == 201
    assert created == {
        "payment_id": created["payment_id"],
        "yookassa_payment_id": created["yookassa_payment_id"],
        "status": "pending",
        "confirmation_url": f"http://127.0.0.1:8010/pay/{created['yookassa_payment_id']}",
        "method_will_be_saved": False,
        "not_saved_because": "RECURRING_NOT_AVAILABLE",
    }
    await office.pay(created)
    await work_off(services)
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    shown = await subscription(api)
    assert (shown["plan"], shown["is_active"], shown["card_bound"]) == ("pro", True, False)
    assert [one["body"]["save_payment_method"] for one in await office.creations()] == [False]


async def test_who_asks_to_save_a_card_and_who_does_not_are_handed_the_same_open_checkout(
    api: MainBackend, office: BackOffice
) -> None:
    """Both are sent to the provider in the same words, so there is one wish to pay."""
    asked = (await press_the_button(api)).json()

    unasked = await api.buy("PRO_MONTHLY")

    assert unasked == asked | {"not_saved_because": None}
    assert len(await office.payments()) == 1


async def test_a_key_that_asked_to_save_is_another_wish_than_one_that_did_not(api: MainBackend) -> None:
    await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    response = await api.post(
        "create-payment/", {"plan_code": "PRO_MONTHLY", "save_payment_method": True}, Idempotency_Key="k1"
    )

    assert (response.status_code, response.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_pro_that_ended_is_named_with_its_day_for_thirty_days(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await buy_and_pay(api, office, services, "PRO_MONTHLY")
    running = await subscription(api)

    await clock.advance(days=30, seconds=1)
    ended, me = await subscription(api), await api.me()
    await clock.advance(days=29, hours=23)
    still = await subscription(api)
    await clock.advance(hours=2)
    forgotten = await subscription(api)

    assert (running["plan"], running["is_active"]) == ("pro", True)
    assert ended == running | {"is_active": False} == still
    assert (me["plan_code"], me["expires_at"], me["is_active"]) == ("FREE", None, True)
    assert (forgotten["plan"], forgotten["plan_display"]) == ("free", "Free")
    assert (forgotten["expires_at"], forgotten["is_active"]) == (None, True)


async def test_whoever_never_bought_has_no_date(api: MainBackend) -> None:
    shown = await subscription(api, 4242)

    assert (shown["plan"], shown["expires_at"], shown["is_active"]) == ("free", None, True)


@pytest.mark.parametrize("plans", [("PRO_MONTHLY", "PRO_YEARLY"), ("PRO_YEARLY", "PRO_MONTHLY")])
async def test_after_two_purchases_every_answer_shows_the_end_of_the_last(
    api: MainBackend, office: BackOffice, services: Services, database: Database, plans: tuple[str, str]
) -> None:
    for plan in plans:
        await buy_and_pay(api, office, services, plan)

    async with database.engine.connect() as connection:
        ends = (
            await connection.execute(text("SELECT upper(span) FROM subscription_periods ORDER BY 1"))
        ).scalars()
        last = list(ends)[-1]
    zone = services.settings.billing_timezone
    assert (await api.me())["expires_at"] == last.isoformat().replace("+00:00", "Z")
    assert (await subscription(api))["expires_at"] == last.astimezone(zone).date().isoformat()


@pytest.mark.parametrize("limit", ["abc", "", "1.5", "9" * 5000, "%00", "%ff", "null"])
async def test_a_length_that_is_no_number_is_the_usual_one(api: MainBackend, limit: str) -> None:
    for number in range(12):
        await api.buy("PRO_MONTHLY", Idempotency_Key=f"k{number}")

    response = await api.get(f"payments/?limit={limit}")

    assert response.status_code == 200
    assert len(response.json()["results"]) == 10


async def test_the_history_says_when_a_payment_was_begun_and_when_it_was_paid(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await buy_and_pay(api, office, services, "PRO_MONTHLY")

    [listed] = (await api.get("payments/")).json()["results"]
    shown = await api.payment(payment["payment_id"])

    assert listed["created_at"].endswith("Z")
    assert listed["created_at"] < listed["paid_at"]
    assert shown["created_at"] == listed["created_at"]
