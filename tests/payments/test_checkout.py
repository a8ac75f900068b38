"""Starting a purchase: what it costs and how long it lasts is ours to say."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

MONTH = {"plan_code": "PRO_MONTHLY"}
SAME = "user_id, amount, currency, plan_code, duration_days, description, purpose, shop_id, is_test, caller, route"
A_HUNDRED_MORE = f"""
    INSERT INTO payments (id, status, request_fingerprint, return_url, {SAME})
    SELECT gen_random_uuid(), 'CANCELED', '', '', {SAME} FROM payments, generate_series(1, 100)
"""  # noqa: S608


async def test_price_days_and_user_come_from_us_whatever_is_sent(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    forged = MONTH | {
        "amount": "1.00",
        "price": 1,
        "duration_days": 3650,
        "currency": "USD",
        "user_id": 42,
        "metadata": {"billing_payment_id": str(uuid4())},
        "return_url": "https://evil.example/",
    }

    response = await api.post("create-payment/", forged)

    sent = (await office.creations())[0]["body"]
    assert response.status_code == 201
    assert sent["amount"] == {"value": "299.00", "currency": "RUB"}
    assert sent["capture"] is True
    assert sent["save_payment_method"] is False
    assert sent["confirmation"]["return_url"] == "https://app.eatfit24.ru/subscription"
    assert sent["metadata"]["billing_payment_id"] == response.json()["payment_id"]
    assert await rows(database, "SELECT user_id, duration_days FROM payments") == [
        {"user_id": USER, "duration_days": 30}
    ]


@pytest.mark.parametrize(
    "code", ["FREE", "TEST_LIVE", "NO_SUCH_PLAN", "pro_monthly", "PRO\x00MONTHLY", "X" * 300]
)
async def test_what_is_not_on_sale_cannot_be_bought(
    api: MainBackend, office: BackOffice, database: Database, code: str
) -> None:
    response = await api.post("create-payment/", {"plan_code": code})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "INVALID_PLAN")
    assert await office.creations() == []
    assert await value(database, "SELECT count(*) FROM subscriptions") == 0


async def test_a_plan_code_that_is_no_text_at_all_is_not_on_sale(api: MainBackend) -> None:
    """Half a surrogate pair is JSON, but no UTF-8."""
    response = await api.http.post(
        "/api/v1/billing/create-payment/",
        content=b'{"plan_code": "\\ud800"}',
        headers={"X-User-Id": str(USER), "Content-Type": "application/json"},
    )

    assert (response.status_code, response.json()["error"]["code"]) == (400, "INVALID_PLAN")


async def test_a_missing_plan_code_is_named(api: MainBackend) -> None:
    response = await api.post("create-payment/", {})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "MISSING_PLAN_CODE")


async def test_a_key_with_another_wish_is_refused(api: MainBackend) -> None:
    await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    response = await api.post("create-payment/", {"plan_code": "PRO_YEARLY"}, Idempotency_Key="k1")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_key_belongs_to_one_user(api: MainBackend) -> None:
    mine = await api.buy("PRO_MONTHLY", 1, Idempotency_Key="k1")
    theirs = await api.buy("PRO_MONTHLY", 2, Idempotency_Key="k1")

    assert mine["payment_id"] != theirs["payment_id"]


async def test_a_key_gives_the_same_payment_even_when_the_plan_has_left_the_shop(
    api: MainBackend, database: Database
) -> None:
    first = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    async with database.begin() as session:
        await session.execute(
            text("UPDATE subscription_plans SET is_active = false WHERE code = 'PRO_MONTHLY'")
        )
    try:
        again = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    finally:
        async with database.begin() as session:
            await session.execute(text("UPDATE subscription_plans SET is_active = true"))

    assert again == first


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "a\x7fb"])
async def test_a_malformed_key_is_refused(api: MainBackend, office: BackOffice, key: str) -> None:
    response = await api.post("create-payment/", MONTH, Idempotency_Key=key)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert await office.creations() == []


async def test_an_open_checkout_is_handed_out_again_and_another_plan_is_another_payment(
    api: MainBackend,
) -> None:
    first = await api.buy("PRO_MONTHLY")

    assert await api.buy("PRO_MONTHLY") == first
    assert (await api.buy("PRO_YEARLY"))["payment_id"] != first["payment_id"]


async def test_a_link_with_less_than_a_quarter_of_an_hour_left_is_not_handed_out(
    api: MainBackend, clock: Clock
) -> None:
    first = await api.buy("PRO_MONTHLY")

    await clock.advance(minutes=44, seconds=30)
    still_good = await api.buy("PRO_MONTHLY")
    await clock.advance(minutes=1)
    too_old = await api.buy("PRO_MONTHLY")

    assert still_good == first
    assert too_old["payment_id"] != first["payment_id"]


async def test_a_checkout_nobody_has_looked_at_is_asked_about_before_it_is_handed_out_again(
    api: MainBackend, office: BackOffice, clock: Clock
) -> None:
    first = await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await office.decline(first, "insufficient_funds")

    await clock.advance(seconds=31)
    second = await api.buy("PRO_MONTHLY")

    assert second["payment_id"] != first["payment_id"]
    assert (await api.payment(first["payment_id"]))["status"] == "canceled"


async def test_a_checkout_that_turns_out_to_be_paid_is_not_billed_again(
    api: MainBackend, office: BackOffice, clock: Clock, database: Database
) -> None:
    first = await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await office.pay(first)

    await clock.advance(seconds=31)
    second = await api.buy("PRO_MONTHLY")

    assert second == first | {"status": "succeeded", "confirmation_url": None}
    assert len(await office.payments()) == 1
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    assert await value(database, "SELECT count(*) FROM payments") == 1


async def test_held_money_of_an_unseen_checkout_is_handed_out_again_without_a_second_payment(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """It is paid as far as the payer is concerned, and will be taken."""
    first = await _whose_money_is_held(api, office, services, database)
    await clock.advance(seconds=31)

    found_by_asking = await api.buy("PRO_MONTHLY")
    known_by_then = await api.buy("PRO_MONTHLY")

    assert found_by_asking == first | {"confirmation_url": None} == known_by_then
    assert await value(database, "SELECT status FROM payments") == "WAITING_FOR_CAPTURE"
    assert len(await office.payments()) == 1


async def test_an_open_checkout_is_not_handed_out_for_other_days_at_the_same_price(
    api: MainBackend, database: Database
) -> None:
    first = await api.buy("PRO_MONTHLY")
    await _set_days(database, 31)
    try:
        second = await api.buy("PRO_MONTHLY")
    finally:
        await _set_days(database, 30)

    assert second["payment_id"] != first["payment_id"]
    assert await rows(database, "SELECT duration_days FROM payments ORDER BY created_at") == [
        {"duration_days": 30},
        {"duration_days": 31},
    ]


async def test_an_open_checkout_is_not_handed_out_to_come_back_elsewhere(api: MainBackend) -> None:
    here, there = (MONTH | {"return_url": f"https://app.eatfit24.ru/{page}"} for page in ("here", "there"))

    first, second, again = [(await api.post("create-payment/", wish)).json() for wish in (here, there, here)]

    assert second["payment_id"] != first["payment_id"]
    assert again == first


async def test_an_open_checkout_of_another_shop_is_not_handed_out(
    api: MainBackend, services: Services, database: Database
) -> None:
    first = await api.buy("PRO_MONTHLY")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET shop_id = '777777'")

    second = await api.buy("PRO_MONTHLY")

    assert second["payment_id"] != first["payment_id"]
    assert await value(
        database, "SELECT shop_id FROM payments WHERE id = :id", id=UUID(second["payment_id"])
    ) == (services.settings.shop_id)


async def test_an_open_checkout_is_its_users_own(api: MainBackend, database: Database) -> None:
    first, second = [await api.buy("PRO_MONTHLY", user) for user in (1, 2)]

    assert second["payment_id"] != first["payment_id"]
    assert await rows(database, "SELECT user_id FROM payments ORDER BY user_id") == [
        {"user_id": 1},
        {"user_id": 2},
    ]


async def _set_days(database: Database, days: int) -> None:
    """As only the owner of the table can: a sold plan keeps its days (`plan_keeps_its_terms`)."""
    async with database.begin() as session:
        await session.execute(text("ALTER TABLE subscription_plans DISABLE TRIGGER plan_keeps_its_terms"))
        await session.execute(
            text("UPDATE subscription_plans SET duration_days = :days WHERE code = 'PRO_MONTHLY'"),
            {"days": days},
        )
        await session.execute(text("ALTER TABLE subscription_plans ENABLE TRIGGER plan_keeps_its_terms"))


async def _whose_money_is_held(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> dict[str, Any]:
    """An open checkout, sent in two stages, which we never ask for; it was paid, and nobody has told us."""
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "too_many"}])
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    body = json.loads(services.vault.open(bytes(await value(database, "SELECT request_body FROM payments"))))
    sealed = services.vault.seal(json.dumps(body | {"capture": False}).encode())
    async with database.begin() as session:
        await session.execute(text("UPDATE payments SET request_body = :sealed"), {"sealed": sealed})
    opened = await api.buy("PRO_MONTHLY")
    await office.pay(opened)
    return opened


async def test_a_link_that_would_be_paid_for_nothing_is_not_handed_out(
    api: MainBackend, office: BackOffice, clock: Clock
) -> None:
    """What contradicts our row is never granted, so nobody may be sent to pay it. Asking once is enough to know."""
    payment = await api.buy("PRO_MONTHLY")
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})

    await clock.advance(seconds=31)
    response = await api.post("create-payment/", MONTH)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert len(await office.creations("get_payment")) == 1


async def test_a_changed_price_is_not_charged_through_an_old_checkout(
    api: MainBackend, office: BackOffice, database: Database, services: Services
) -> None:
    first = await api.buy("PRO_MONTHLY")
    async with database.begin() as session:
        await session.execute(text("UPDATE subscription_plans SET price = 399 WHERE code = 'PRO_MONTHLY'"))
    try:
        second = await api.buy("PRO_MONTHLY")
    finally:
        async with database.begin() as session:
            await session.execute(
                text("UPDATE subscription_plans SET price = 299 WHERE code = 'PRO_MONTHLY'")
            )
    await office.pay(first)
    await work_off(services)

    amounts = {one["id"]: one["amount"]["value"] for one in await office.payments()}
    assert amounts[first["yookassa_payment_id"]] == "299.00"
    assert amounts[second["yookassa_payment_id"]] == "399.00"
    assert (await api.payment(first["payment_id"]))["status"] == "succeeded"


async def test_what_was_sent_is_kept_encrypted_until_the_outcome_and_then_erased(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    kept = await value(database, "SELECT request_body FROM payments")
    opened = services.vault.open(bytes(kept))
    await office.pay(payment)
    await work_off(services)

    assert b"PRO_MONTHLY" not in bytes(kept)
    assert payment["payment_id"].encode() in opened
    assert await value(database, "SELECT request_body FROM payments") is None


async def test_another_users_payment_does_not_exist(api: MainBackend) -> None:
    payment = await api.buy("PRO_MONTHLY", user=1)

    response = await api.get(f"payments/{payment['payment_id']}/", user=2)

    assert (response.status_code, response.json()["error"]["code"]) == (404, "PAYMENT_NOT_FOUND")


async def test_the_history_is_the_users_own(api: MainBackend) -> None:
    theirs = [await api.buy("PRO_MONTHLY", user) for user in (1, 2, 3)]

    shown = (await api.get("payments/", user=2)).json()["results"]

    assert [one["id"] for one in shown] == [theirs[1]["payment_id"]]


async def test_the_longest_history_is_a_hundred_payments(api: MainBackend, database: Database) -> None:
    await api.buy()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(A_HUNDRED_MORE)

    asked = {limit: await api.get(f"payments/?limit={limit}") for limit in (99, 100, 101)}
    assert [len(answer.json()["results"]) for answer in asked.values()] == [99, 100, 100]


async def test_the_history_is_newest_first_and_its_length_is_held(api: MainBackend) -> None:
    for number in range(3):
        await api.buy("PRO_MONTHLY", Idempotency_Key=f"k{number}")

    everything = (await api.get("payments/?limit=1000")).json()["results"]
    one = (await api.get("payments/?limit=0")).json()["results"]

    assert len(everything) == 3
    assert one == everything[:1]
    assert everything[0] | {"id": "", "created_at": ""} == {
        "id": "",
        "created_at": "",
        "amount": 299.0,
        "currency": "RUB",
        "status": "pending",
        "paid_at": None,
        "description": "EatFit24: PRO месяц",
        "refunded_amount": 0.0,
    }
