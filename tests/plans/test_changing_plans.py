"""Plans are changed by people: at once, for everybody, written down; and never what somebody was promised."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.scratch import execute
from tests.stage import USER, BackOffice, MainBackend, WebApp, work_off

WHO = {"author": "owner", "reason": "новые цены"}
SET_LIMITS = text("UPDATE subscription_plans SET daily_limits = CAST(:limits AS jsonb) WHERE code = 'FREE'")
QUARTER: dict[str, Any] = {
    "code": "PRO_QUARTERLY",
    "display_name": "PRO 3 месяца",
    "description": "PRO на 3 месяца",
    "price": "799.00",
    "duration_days": 90,
    "history_days": 180,
    "ai_recognition": True,
    "advanced_stats": True,
    "priority_support": True,
}


async def change(api: MainBackend, code: str = "PRO_MONTHLY", **wish: object) -> httpx.Response:
    return await api.internal("PATCH", f"plans/{code}/", wish | WHO)


async def changed(api: MainBackend, code: str = "PRO_MONTHLY", **wish: object) -> dict[str, Any]:
    response = await change(api, code, **wish)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def add(api: MainBackend, **other: object) -> httpx.Response:
    return await api.internal("POST", "plans/", QUARTER | WHO | other)


async def history(api: MainBackend, code: str = "PRO_MONTHLY") -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = (await api.internal("GET", f"plans/{code}/history/")).json()["results"]
    return shown


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_every_plan_is_listed_hidden_ones_too(api: MainBackend) -> None:
    await changed(api, is_active=False)

    listed = (await api.internal("GET", "plans/")).json()["results"]

    assert {plan["code"]: (plan["is_active"], plan["is_test"]) for plan in listed} == {
        "FREE": (True, False),
        "TEST_LIVE": (True, True),
        "PRO_MONTHLY": (False, False),
        "PRO_YEARLY": (True, False),
    }


async def test_only_what_is_named_changes_and_it_is_known_who_when_why_and_from_what(
    api: MainBackend, database: Database
) -> None:
    before = next(
        one for one in (await api.internal("GET", "plans/")).json()["results"] if one["code"] == "PRO_MONTHLY"
    )

    shown = await changed(api, price="199.5", old_price="299.00")

    assert shown == before | {"price": "199.50", "old_price": "299.00", "updated_at": shown["updated_at"]}
    (entry,) = await history(api)
    assert (entry["action"], entry["author"], entry["reason"]) == ("plan.changed", "owner", "новые цены")
    assert entry["before"] == {"price": "299.00", "old_price": None}
    assert entry["after"] == {"price": "199.50", "old_price": "299.00"}
    assert entry["request_id"]
    assert shown["updated_at"] > before["updated_at"]
    assert await value(database, "SELECT count(*) FROM audit_log") == 1


async def test_what_is_so_already_is_no_change(api: MainBackend) -> None:
    first = await changed(api, price="349.00")

    assert await changed(api, price="349") == first
    assert len(await history(api)) == 1


async def test_the_history_is_the_plans_own_with_the_newest_first(api: MainBackend) -> None:
    await changed(api, price="349.00")
    await changed(api, "PRO_YEARLY", price="2990.00")
    await changed(api, price="399.00")

    assert [entry["after"] for entry in await history(api)] == [{"price": "399.00"}, {"price": "349.00"}]


async def test_two_people_at_once_lose_nothing_of_each_others(api: MainBackend, rounds: int) -> None:
    for round_ in range(1, rounds // 4 + 1):
        price, limit = f"{300 + round_}.00", round_
        await asyncio.gather(changed(api, price=price), changed(api, daily_photo_limit=limit))

        shown = await changed(api)
        assert (shown["price"], shown["daily_photo_limit"]) == (price, limit)


async def test_of_two_prices_at_once_the_history_tells_which_came_after_which(api: MainBackend) -> None:
    await asyncio.gather(*(changed(api, price=f"{price}.00") for price in range(301, 309)))

    told = [(entry["before"]["price"], entry["after"]["price"]) for entry in reversed(await history(api))]
    assert [before for before, _ in told] == ["299.00", *(after for _, after in told[:-1])]
    assert (await changed(api))["price"] == told[-1][1]


async def test_a_change_that_cannot_be_written_down_is_not_made(
    api: MainBackend, services: Services, database: Database
) -> None:
    url = services.settings.database_url
    await execute(url, "ALTER TABLE audit_log ADD CONSTRAINT nothing_is_written CHECK (false) NOT VALID")
    try:
        assert code_of(await change(api, price="349.00")) == (500, "INTERNAL_ERROR")
    finally:
        await execute(url, "ALTER TABLE audit_log DROP CONSTRAINT nothing_is_written")

    assert await value(database, "SELECT price FROM subscription_plans WHERE code = 'PRO_MONTHLY'") == 299


@pytest.mark.parametrize(
    "wish",
    [
        *(
            {"price": price}
            for price in ("0", "0.00", "-1", "1.999", "1e3", "", None, 349, "1000000", "349,00")
        ),
        *({"old_price": price} for price in ("299.00", "1.00", "0.00")),
        *({"description": words} for words in ("", "  ", "я" * 129, None, "a\nb")),
        *({"display_name": words} for words in ("", "я" * 101, None)),
        *({"daily_photo_limit": limit} for limit in (-1, "3", 1.5)),
        *({"history_days": days} for days in (-2, None)),
        *({"is_active": flag} for flag in ("false", None)),
        *({"duration_days": days} for days in (0, 3661)),
        *({"code": "GOLD"}, {"is_test": True}, {"author": " "}, {"reason": None}),
    ],
)
async def test_what_makes_no_plan_is_refused(
    api: MainBackend, database: Database, wish: dict[str, Any]
) -> None:
    refused = await api.internal("PATCH", "plans/PRO_MONTHLY/", WHO | wish)

    assert code_of(refused) == (422, "VALIDATION_ERROR")
    (named,) = refused.json()["error"]["details"]["fields"]
    assert named in wish
    assert await value(database, "SELECT count(*) FROM audit_log") == 0


async def test_a_price_above_the_old_one_is_refused(api: MainBackend) -> None:
    await changed(api, old_price="399.00")

    assert code_of(await change(api, price="399.00")) == (422, "VALIDATION_ERROR")
    assert (await changed(api, price="399.00", old_price=None))["old_price"] is None


async def test_a_description_of_128_characters_is_one(api: MainBackend) -> None:
    assert (await changed(api, description="я" * 128))["description"] == "я" * 128


async def test_a_sold_plan_keeps_its_days_whoever_writes(
    api: MainBackend, services: Services, database: Database
) -> None:
    await api.buy()

    assert code_of(await change(api, duration_days=31)) == (409, "PLAN_TERMS_FROZEN")
    assert (await changed(api, duration_days=30))["duration_days"] == 30
    for terms in ("duration_days = 31", "code = 'GOLD'", "is_test = true"):
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await execute(
                services.settings.database_url,
                f"UPDATE subscription_plans SET {terms} WHERE code = 'PRO_MONTHLY'",  # noqa: S608
            )
        assert refused.value.constraint_name == "ck_subscription_plans_terms_frozen"
    assert await value(database, "SELECT count(*) FROM audit_log") == 0


async def test_a_plan_that_was_given_keeps_its_days_too(api: MainBackend) -> None:
    assert (await add(api)).status_code == 201
    assert (await changed(api, "PRO_QUARTERLY", duration_days=91))["duration_days"] == 91
    body = {"plan_code": "PRO_QUARTERLY", "days": 1} | WHO
    await api.internal("POST", f"users/{USER}/grants/", body, Idempotency_Key="one")

    assert code_of(await change(api, "PRO_QUARTERLY", duration_days=92)) == (409, "PLAN_TERMS_FROZEN")


@pytest.mark.parametrize(
    "wish", [{"price": "1.00"}, {"old_price": "1.00"}, {"is_active": False}, {"duration_days": 1}]
)
async def test_free_stays_free(api: MainBackend, wish: dict[str, object]) -> None:
    assert code_of(await change(api, "FREE", **wish)) == (409, "PLAN_TERMS_FROZEN")


async def test_the_limit_of_free_holds_from_the_next_call_on(api: MainBackend) -> None:
    await changed(api, "FREE", daily_photo_limit=1)

    assert [(await api.consume()).status_code for _ in range(2)] == [200, 429]


async def test_the_test_of_the_live_shop_is_never_on_sale(api: MainBackend) -> None:
    await changed(api, "TEST_LIVE", price="2.00")

    assert code_of(await api.post("create-payment/", {"plan_code": "TEST_LIVE"})) == (400, "INVALID_PLAN")


async def test_a_new_plan_is_sold_at_once_and_its_history_begins(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    added = await add(api)

    assert added.status_code == 201, added.text
    assert (added.json()["old_price"], added.json()["is_active"], added.json()["is_test"]) == (
        None,
        True,
        False,
    )
    await office.pay(await api.buy("PRO_QUARTERLY"))
    await work_off(services)
    assert await days_granted(database, USER) == 90
    (entry,) = await history(api, "PRO_QUARTERLY")
    assert (entry["action"], entry["before"]) == ("plan.added", None)
    assert entry["after"]["price"] == "799.00"


async def test_a_repeat_on_the_same_terms_is_the_same_plan_and_other_terms_are_refused(
    api: MainBackend,
) -> None:
    answers = await asyncio.gather(*(add(api) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(await history(api, "PRO_QUARTERLY")) == 1
    assert code_of(await add(api, price="699.00")) == (409, "PLAN_EXISTS")
    assert code_of(await add(api, code="TEST_LIVE")) == (409, "PLAN_EXISTS")


async def test_an_unknown_plan_is_said_so(api: MainBackend) -> None:
    assert code_of(await change(api, "GOLD", price="1.00")) == (404, "PLAN_NOT_FOUND")
    assert code_of(await api.internal("GET", "plans/GOLD/history/")) == (404, "PLAN_NOT_FOUND")


async def test_an_open_checkout_keeps_its_price_and_the_next_attempt_pays_the_new_one(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keyed = await api.buy(Idempotency_Key="one")
    old = await api.buy()
    await changed(api, price="349.00")

    assert await api.buy(Idempotency_Key="one") == keyed
    new = await api.buy()
    assert new["payment_id"] != old["payment_id"]
    # Both links can still be paid, and what was paid is granted: nobody's money is without its days.
    for checkout in (old, new):
        await office.pay(checkout)
    await work_off(services)

    paid = await rows(database, "SELECT amount FROM payments WHERE status = 'SUCCEEDED' ORDER BY amount")
    assert [one["amount"] for one in paid] == [Decimal("299.00"), Decimal("349.00")]
    assert await days_granted(database, USER) == 60
    assert capsys.readouterr().out.count("double_purchase") == 1


async def test_what_was_open_when_a_plan_was_taken_off_sale_still_grants(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    keyed = await api.buy(Idempotency_Key="one")
    await changed(api, is_active=False)

    assert await api.buy(Idempotency_Key="one") == keyed
    assert code_of(await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})) == (400, "INVALID_PLAN")
    await office.pay(keyed)
    await work_off(services)

    assert await days_granted(database, USER) == 30
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def test_every_process_sells_at_the_new_price_at_once(api: MainBackend, services: Services) -> None:
    other = WebApp()
    other.app = create_app(services.settings, services)
    async with MainBackend.calling(other) as another:
        await another.http.get("/api/v1/billing/plans/")
        await changed(api, price="349.00")

        listed = (await another.http.get("/api/v1/billing/plans/")).json()

    assert [plan["price"] for plan in listed if plan["code"] == "PRO_MONTHLY"] == ["349.00"]


async def test_limits_of_other_features_are_set_all_at_once_and_stand_in_the_history(
    api: MainBackend,
) -> None:
    first = await changed(api, daily_limits={"personal_plan": 3, "recipes": None})
    second = await changed(api, daily_limits={"recipes": 5})

    assert first["daily_limits"] == {"personal_plan": 3, "recipes": None}
    assert second["daily_limits"] == {"recipes": 5}
    assert (await history(api))[0]["before"] == {"daily_limits": first["daily_limits"]}
    assert len(await history(api)) == 2
    await changed(api, daily_limits={"recipes": 5})
    assert len(await history(api)) == 2


@pytest.mark.parametrize(
    "limits",
    [{"photo_ai": 3}, {"Plans": 1}, {"plans": -1}, {"plans": 1.5}, {"plans": "1"}, {"plans": 1_000_001}, []],
)
async def test_a_limit_that_is_none_is_refused_and_by_the_database_too(
    api: MainBackend, database: Database, limits: object
) -> None:
    assert code_of(await change(api, daily_limits=limits)) == (422, "VALIDATION_ERROR")
    if limits == {"Plans": 1}:
        return  # names are the service's affair
    with pytest.raises(IntegrityError, match="daily_limits_known"):
        async with database.engine.begin() as connection:
            await connection.execute(SET_LIMITS, {"limits": json.dumps(limits)})
