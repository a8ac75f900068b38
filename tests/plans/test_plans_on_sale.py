"""What is on sale, as the frontend sees it, and what may be bought."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from tests.stage import BackOffice, MainBackend

FIELDS = {
    *("code", "display_name", "price", "old_price", "is_popular", "duration_days", "features"),
    *("daily_photo_limit", "history_days", "ai_recognition", "advanced_stats", "priority_support"),
}


@pytest.fixture
async def plans(database: Database) -> AsyncIterator[Database]:
    """Plans that a test may change; the four are put right again."""
    columns = "price, old_price, is_active, is_test, display_name, duration_days"
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE plans_before AS SELECT * FROM subscription_plans"))
    yield database
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                f"UPDATE subscription_plans p SET ({columns}) = (SELECT {columns} FROM plans_before b "  # noqa: S608
                "WHERE b.code = p.code)"
            )
        )
        await connection.execute(text("DROP TABLE plans_before"))


async def change(plans: Database, code: str, what: str) -> None:
    async with plans.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE subscription_plans SET {what} WHERE code = :code"),  # noqa: S608
            {"code": code},
        )


async def codes(api: MainBackend) -> list[str]:
    return [plan["code"] for plan in (await api.http.get("/api/v1/billing/plans/")).json()]


async def test_plans_are_listed_by_price_with_the_fields_the_frontend_knows(api: MainBackend) -> None:
    listed = (await api.http.get("/api/v1/billing/plans/")).json()

    assert [plan["code"] for plan in listed] == ["FREE", "PRO_MONTHLY", "PRO_YEARLY"]
    assert all(set(plan) == FIELDS for plan in listed)


async def test_a_price_is_text_with_two_places_and_unlimited_is_null(api: MainBackend) -> None:
    free, monthly, yearly = (await api.http.get("/api/v1/billing/plans/")).json()

    assert (free["price"], monthly["price"], yearly["price"]) == ("0.00", "299.00", "2490.00")
    assert (free["daily_photo_limit"], monthly["daily_photo_limit"]) == (3, None)
    assert monthly["old_price"] is None
    assert (monthly["is_popular"], monthly["features"]) == (False, [])


async def test_an_old_price_is_shown_beside_the_new_one(api: MainBackend, plans: Database) -> None:
    await change(plans, "PRO_MONTHLY", "price = 199, old_price = 299")

    _, monthly, _ = (await api.http.get("/api/v1/billing/plans/")).json()

    assert (monthly["price"], monthly["old_price"]) == ("199.00", 299)


async def test_an_inactive_plan_is_neither_listed_nor_sold(api: MainBackend, plans: Database) -> None:
    await change(plans, "PRO_MONTHLY", "is_active = false")

    refused = await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})

    assert await codes(api) == ["FREE", "PRO_YEARLY"]
    assert refused.json()["error"]["code"] == "INVALID_PLAN"


async def test_a_changed_price_is_what_the_next_payer_pays(
    api: MainBackend, office: BackOffice, plans: Database
) -> None:
    await change(plans, "PRO_MONTHLY", "price = 349.50")

    await api.buy("PRO_MONTHLY")

    (created,) = await office.creations()
    assert created["body"]["amount"] == {"value": "349.50", "currency": "RUB"}


@pytest.mark.parametrize(
    "code", ["FREE", "TEST_LIVE", "pro_monthly", "GOLD", " PRO_MONTHLY", "PRO_MONTHLY\u0000"]
)
async def test_what_is_not_on_sale_cannot_be_bought(api: MainBackend, office: BackOffice, code: str) -> None:
    refused = await api.post("create-payment/", {"plan_code": code})

    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "INVALID_PLAN"
    assert await office.creations() == []


@pytest.mark.parametrize("body", [{}, {"plan_code": None}, {"plan_code": ""}])
async def test_no_plan_at_all_is_said_so(api: MainBackend, body: dict[str, str | None]) -> None:
    refused = await api.post("create-payment/", body)

    assert refused.json()["error"]["code"] == "MISSING_PLAN_CODE"


async def test_an_old_price_is_shown_and_never_charged(
    api: MainBackend, office: BackOffice, plans: Database
) -> None:
    await change(plans, "PRO_MONTHLY", "old_price = 499")

    await api.buy("PRO_MONTHLY")

    assert [one["amount"]["value"] for one in await office.payments()] == ["299.00"]
