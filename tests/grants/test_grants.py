"""Days by hand: laid behind everything else, once a key, taken back as far as they are unused, and written down."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from tests.ledger import days_granted, rows, spans_lie_end_to_end, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

GIFT = {"plan_code": "PRO_MONTHLY", "days": 3, "author": "support", "reason": "сбой 4711"}
TAKEN_BACK = {"author": "owner", "reason": "по ошибке"}


async def give(api: MainBackend, key: str = "one", **other: Any) -> httpx.Response:  # noqa: ANN401 (JSON)
    return await api.http.post(
        f"/internal/v1/users/{USER}/grants/", json=GIFT | other, headers={"Idempotency-Key": key}
    )


async def given(api: MainBackend, key: str = "one", **other: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    response = await give(api, key, **other)
    assert response.status_code == 201, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def take_back(api: MainBackend, grant_id: str) -> httpx.Response:
    return await api.internal("POST", f"grants/{grant_id}/revoke/", TAKEN_BACK)


async def test_whoever_never_bought_is_pro_for_the_days_that_were_given(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    grant = await given(api)

    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    assert (grant["days"], grant["author"], grant["revoked_at"]) == (3, "support", None)
    assert await days_granted(database, USER) == 3
    await clock.advance(days=3, seconds=1)
    assert (await api.me())["plan_code"] == "FREE"


async def test_ninety_days_last_ninety_days_behind_what_was_paid(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)

    await given(api, days=90)

    assert await days_granted(database, USER) == 120
    assert await spans_lie_end_to_end(database)


async def test_the_same_key_is_the_same_grant_also_when_it_was_taken_back_since(
    api: MainBackend, database: Database
) -> None:
    first = await given(api)
    await take_back(api, first["grant_id"])

    again = await given(api)

    assert again["grant_id"] == first["grant_id"]
    assert again["revoked_at"] is not None
    assert await value(database, "SELECT count(*) FROM subscription_periods") == 1


async def test_ten_repeats_at_once_are_one_grant(
    api: MainBackend, services: Services, settings: Settings, database: Database
) -> None:
    """Through two processes, of which neither sees the other's line."""
    elsewhere = replace(services, statements=StatementPool(settings.database_url, pool_size=5))
    async with MainBackend.calling(create_app(settings, elsewhere)) as other:
        answers = await asyncio.gather(*(given(one) for _ in range(5) for one in (api, other)))
    await elsewhere.statements.close()

    assert len({answer["grant_id"] for answer in answers}) == 1
    assert await days_granted(database, USER) == 3


async def test_another_wish_under_the_same_key_is_refused(api: MainBackend, database: Database) -> None:
    await given(api)

    refused = await give(api, days=30)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert await days_granted(database, USER) == 3


async def test_without_a_key_nothing_is_given(api: MainBackend, database: Database) -> None:
    refused = await api.internal("POST", f"users/{USER}/grants/", GIFT)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REQUIRED")
    assert await value(database, "SELECT count(*) FROM subscription_periods") == 0


@pytest.mark.parametrize("plan", ["FREE", "TEST_LIVE", "NOTHING", "pro_monthly", ""])
async def test_a_plan_that_gives_nothing_cannot_be_given(
    api: MainBackend, database: Database, plan: str
) -> None:
    refused = await give(api, plan_code=plan)

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "PLAN_NOT_FOUND")
    assert await value(database, "SELECT count(*) FROM subscription_periods") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"days": 0}, {"days": 3661}, {"days": "3"}),
        *({"author": " "}, {"reason": ""}, {"author": "-"}, {"reason": "..."}),
    ],
)
async def test_days_author_and_reason_are_needed(api: MainBackend, wrong: dict[str, Any]) -> None:
    refused = await give(api, **wrong)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_what_is_left_is_taken_back_and_what_was_paid_moves_up(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    grant = await given(api, days=10)
    await office.pay(await api.buy())
    await work_off(services)
    await clock.advance(days=4)

    taken = await take_back(api, grant["grant_id"])

    assert taken.status_code == 200
    assert round(await days_granted(database, USER), 2) == 34
    assert await spans_lie_end_to_end(database)
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def test_taking_back_twice_takes_once(api: MainBackend, clock: Clock, database: Database) -> None:
    grant = await given(api)
    await clock.advance(days=1)
    first = (await take_back(api, grant["grant_id"])).json()
    await clock.advance(hours=1)

    second = (await take_back(api, grant["grant_id"])).json()

    assert second == first
    assert round(await days_granted(database, USER), 2) == 1
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'grant.revoked'") == 1


async def test_ten_who_take_it_back_at_once_take_it_once(
    api: MainBackend, services: Services, settings: Settings, database: Database
) -> None:
    """Through two processes, of which neither sees the other's line."""
    grant = await given(api)
    elsewhere = replace(services, statements=StatementPool(settings.database_url, pool_size=5))
    async with MainBackend.calling(create_app(settings, elsewhere)) as other:
        answers = await asyncio.gather(
            *(take_back(one, grant["grant_id"]) for _ in range(5) for one in (api, other))
        )
    await elsewhere.statements.close()

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["revoked_at"] for answer in answers}) == 1
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'grant.revoked'") == 1


async def test_an_unknown_grant_is_a_404(api: MainBackend) -> None:
    refused = await take_back(api, str(uuid4()))

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "GRANT_NOT_FOUND")


async def test_both_deeds_are_written_down_with_who_and_why(api: MainBackend, database: Database) -> None:
    grant = await given(api)
    await take_back(api, grant["grant_id"])

    told = await rows(database, "SELECT action, author, reason, user_id, details FROM audit_log ORDER BY id")

    assert [(one["action"], one["author"], one["reason"], one["user_id"]) for one in told] == [
        ("grant.given", "support", "сбой 4711", USER),
        ("grant.revoked", "owner", "по ошибке", USER),
    ]
    assert {one["details"]["grant_id"] for one in told} == {grant["grant_id"]}


async def test_a_grant_that_cannot_be_written_down_is_not_given(api: MainBackend, database: Database) -> None:
    full = "ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (action <> 'grant.given')"
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(full)
    try:
        refused = await give(api)
    finally:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE audit_log DROP CONSTRAINT full_up")

    assert refused.status_code == 500
    assert await value(database, "SELECT count(*) FROM subscription_periods") == 0
