"""What a payer is shown before he buys is what he gets; if it would be another way by now, nothing is bought."""

import asyncio
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as drawn
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import everything, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

WHO = {"author": "support: desk 2", "reason": "so it was agreed"}
NEARLY = timedelta(seconds=30)
LAST = """
SELECT lower(span) AS begins, upper(span) AS ends, plan_code, days, plan_in_force(:user, billing_now()) AS in_force,
    plan_in_force(:user, upper(span)) AS after, billing_now() AS now
FROM subscription_periods WHERE user_id = :user ORDER BY id DESC LIMIT 1
"""
PLANS = drawn.sampled_from(["PRO_MONTHLY", "PRO_YEARLY"])
STEPS = drawn.one_of(
    drawn.tuples(drawn.just("buy"), PLANS),
    drawn.tuples(drawn.just("grant"), drawn.integers(1, 40)),
    drawn.tuples(drawn.just("revoke"), drawn.none()),
    drawn.tuples(drawn.just("wait"), drawn.sampled_from([1, 29, 31, 366])),
)
people = count(50_000)


async def seen(api: MainBackend, plan: str = "PRO_MONTHLY", user: int = USER) -> dict[str, Any]:
    answer = await api.post("create-payment/preview/", {"plan_code": plan}, user)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def grant(api: MainBackend, days: int, user: int = USER, plan: str = "PRO_YEARLY") -> str:
    body = {"plan_code": plan, "days": days, **WHO}
    answer = await api.internal(
        "POST", f"users/{user}/grants", body, Idempotency_Key=f"{user}-{next(people)}"
    )
    return str(answer.json()["grant_id"])


async def buy(api: MainBackend, preview: dict[str, Any], user: int = USER, **headers: str) -> Any:  # noqa: ANN401 (an answer)
    wish = {"plan_code": preview["plan_code"], "preview_id": preview["preview_id"]}
    return await api.post("create-payment/", wish, user, **headers)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_first_purchase_begins_when_it_is_paid(api: MainBackend) -> None:
    shown = await seen(api)

    assert at(shown["until"]) - at(shown["from"]) == timedelta(days=30)
    assert shown | {"from": "", "until": "", "preview_id": ""} == {
        "preview_id": "",
        "plan_code": "PRO_MONTHLY",
        "plan_name": "PRO месяц",
        "price": "299.00",
        "currency": "RUB",
        "duration_days": 30,
        "begins": "at_once",
        "from": "",
        "until": "",
        "plan_once_paid": "PRO_MONTHLY",
        "plan_after": "FREE",
        "running": None,
        "next_charge": None,
        "no_charge_because": "RENEWALS_OFF",
    }


async def test_a_running_plan_goes_on_and_what_is_bought_comes_after_it(api: MainBackend) -> None:
    await grant(api, 10)
    shown = await seen(api)

    ends = (await api.me())["expires_at"]
    assert (shown["begins"], shown["from"], shown["plan_once_paid"]) == ("after_running", ends, "PRO_YEARLY")
    assert shown["running"] == {
        "plan_code": "PRO_YEARLY",
        "plan_name": "PRO год",
        "until": ends,
        "becomes": "goes_on",
    }


async def test_the_day_of_a_one_rouble_payment_is_hidden_by_what_is_bought(
    api: MainBackend, database: Database
) -> None:
    await grant(api, 1)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE subscription_periods SET plan_code = 'TEST_LIVE'"))
    shown = await seen(api)

    assert (shown["begins"], shown["plan_once_paid"]) == ("at_once", "PRO_MONTHLY")
    assert (shown["running"]["plan_code"], shown["running"]["becomes"]) == ("TEST_LIVE", "replaced")


async def test_looking_writes_nothing(api: MainBackend, database: Database) -> None:
    before = await everything(database)

    await seen(api)

    assert await everything(database) == before


async def test_what_cannot_be_bought_cannot_be_seen(api: MainBackend) -> None:
    answers = [await api.post("create-payment/preview/", body) for body in ({}, {"plan_code": "FREE"})]

    assert [one.json()["error"]["code"] for one in answers] == ["MISSING_PLAN_CODE", "INVALID_PLAN"]


async def test_what_was_seen_is_bought_however_long_the_payer_thinks(api: MainBackend, clock: Clock) -> None:
    shown = await seen(api)
    await clock.advance(days=3)

    assert (await buy(api, shown)).status_code == 201


@pytest.mark.parametrize(
    "what", ["price", "name of the running plan", "granted", "ended", "another user", "another plan"]
)
async def test_what_would_be_another_way_by_now_is_not_bought(
    api: MainBackend, clock: Clock, database: Database, what: str
) -> None:
    await grant(api, 10)
    shown = await seen(api)
    user, changes = USER, {"price": "349.00"} if what == "price" else {}
    if what == "granted":
        await grant(api, 1)
    if what == "ended":
        await clock.advance(days=11)
    if what == "another user":
        user = USER + 1
    if what == "another plan":
        shown |= {"plan_code": "PRO_YEARLY"}
    if what == "name of the running plan":
        async with database.engine.begin() as connection:
            await connection.execute(text("UPDATE subscription_periods SET plan_code = 'PRO_MONTHLY'"))
    if changes:
        await api.internal("PATCH", "plans/PRO_MONTHLY/", changes | WHO)

    refused = await buy(api, shown, user)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PREVIEW_STALE")
    assert await value(database, "SELECT count(*) FROM payments") == 0


async def test_a_preview_of_somebody_else_is_stale(api: MainBackend) -> None:
    """Also where both would get the same."""
    shown = await seen(api)

    refused = await buy(api, shown, USER + 1)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PREVIEW_STALE")


async def test_an_open_checkout_is_not_handed_out_under_another_preview(api: MainBackend) -> None:
    shown = await seen(api)
    first = await buy(api, shown)
    await grant(api, 1)

    assert (await buy(api, shown)).status_code == 409
    again = await buy(api, await seen(api))
    assert again.json()["payment_id"] == first.json()["payment_id"]


async def test_a_repeat_with_its_key_is_the_same_payment_whatever_has_changed(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    shown = await seen(api)
    first = (await buy(api, shown, Idempotency_Key="one")).json()
    await office.pay(first)
    await work_off(services)

    again = await buy(api, shown, Idempotency_Key="one")

    assert (again.status_code, again.json()["payment_id"]) == (201, first["payment_id"])


async def test_of_two_who_buy_what_they_saw_at_once_nobody_gets_anything_else(
    api: MainBackend, database: Database
) -> None:
    shown = await seen(api)

    answers = await asyncio.gather(*(buy(api, shown) for _ in range(4)))

    assert {one.status_code for one in answers} == {201}
    assert await value(database, "SELECT count(*) FROM payments") == 1


@given(steps=drawn.lists(STEPS, max_size=4), plan=PLANS)
@effort(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_what_was_seen_is_what_is_granted(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    steps: list[tuple[str, Any]],
    plan: str,
) -> None:
    """After whatever came before, if nothing happens in between."""
    user, grants = next(people), list[str]()
    for what, which in steps:
        if what == "buy":
            await office.pay(await api.buy(which, user))
            await work_off(services)
        elif what == "grant":
            grants.append(await grant(api, which, user))
        elif what == "revoke" and grants:
            await api.internal("POST", f"grants/{grants.pop()}/revoke", WHO)
        elif what == "wait":
            await clock.advance(days=which)
    shown = await seen(api, plan, user)

    bought = await buy(api, shown, user)
    await office.pay(bought.json())
    await work_off(services)

    (granted,) = await rows(database, LAST, user=user)
    assert (granted["plan_code"], granted["days"]) == (plan, shown["duration_days"])
    assert granted["ends"] - granted["begins"] == at(shown["until"]) - at(shown["from"])
    moved_on = granted["begins"] - at(shown["from"])
    if shown["begins"] == "at_once":
        assert timedelta(0) <= moved_on <= granted["now"] - at(shown["from"]) < NEARLY
    else:
        assert moved_on == timedelta(0)
    assert (granted["in_force"], granted["after"]) == (shown["plan_once_paid"], shown["plan_after"])
