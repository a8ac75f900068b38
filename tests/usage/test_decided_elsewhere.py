"""What was let through while we could not be asked is counted once, on its own day, and never refused."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.ledger import value
from tests.stage import USER, Clock, MainBackend
from tests.usage.test_operations import code


async def today(database: Database) -> date:
    day: date = await value(database, "SELECT usage_day(billing_now(), 'Europe/Moscow')")
    return day


async def used_on(database: Database, day: date) -> int:
    used: int = await value(
        database,
        "SELECT coalesce(max(photo_ai_requests), 0) FROM daily_usage "  # noqa: S608 (ours)
        f"WHERE user_id = {USER} AND date = '{day}'",
    )
    return used


async def reported(api: MainBackend, operation_id: str, day: date, **more: Any) -> httpx.Response:  # noqa: ANN401
    return await api.consume(operation_id=operation_id, decided_on=day.isoformat(), **more)


async def test_an_earlier_day_is_counted_on_that_day_and_today_is_left_alone(
    api: MainBackend, database: Database, clock: Clock
) -> None:
    yesterday = await today(database)
    await api.consume(amount=2)
    await clock.advance(days=1)
    await api.consume()

    answer = await reported(api, "photo-1", yesterday)
    again = await reported(api, "photo-1", yesterday)

    assert (answer.status_code, again.status_code) == (200, 200)
    assert (answer.json()["used_today"], answer.json()["remaining_today"]) == (1, 2)
    assert await used_on(database, yesterday) == 3


async def test_what_has_happened_is_counted_above_the_limit_too(api: MainBackend, database: Database) -> None:
    now = await today(database)
    for number in range(5):
        assert (await reported(api, f"photo-{number}", now)).status_code == 200

    shown = (await api.internal("GET", f"users/{USER}/usage?explain=true")).json()
    assert (shown["used_today"], shown["remaining_today"]) == (5, 0)
    assert sum(one["counts"] for one in shown["operations"]) == 5
    assert code(await api.consume()) == (429, "DAILY_LIMIT_REACHED")


async def test_a_place_that_was_held_under_its_id_becomes_it(api: MainBackend, database: Database) -> None:
    now = await today(database)
    await api.reserve("photo-1")

    answer = (await reported(api, "photo-1", now - timedelta(days=1))).json()

    assert (answer["used_today"], answer["held"]) == (0, 0)
    assert await used_on(database, now - timedelta(days=1)) == 1
    assert (await api.commit("photo-1")).status_code == 200
    assert await used_on(database, now) == 0


async def test_reports_at_once_count_once(api: MainBackend, database: Database, rounds: int) -> None:
    yesterday = await today(database) - timedelta(days=1)
    for number in range(rounds):
        await asyncio.gather(*(reported(api, f"photo-{number}", yesterday) for _ in range(4)))

    assert await used_on(database, yesterday) == rounds


async def test_another_feature_has_its_own_day(api: MainBackend, database: Database) -> None:
    yesterday = await today(database) - timedelta(days=1)
    limits: dict[str, Any] = {"daily_limits": {"plans": 1}, "author": "owner", "reason": "plans"}
    await api.internal("PATCH", "plans/FREE/", limits)

    await reported(api, "plan-1", yesterday, feature="plans", amount=2)

    assert (
        await value(database, f"SELECT used FROM daily_feature_usage WHERE date = '{yesterday}'")  # noqa: S608
        == 2
    )
    assert await used_on(database, yesterday) == 0


async def test_a_day_ahead_of_ours_is_today(api: MainBackend, database: Database) -> None:
    await reported(api, "photo-1", await today(database) + timedelta(days=1))

    assert await used_on(database, await today(database)) == 1


async def test_an_id_that_counts_for_something_else_is_a_mismatch(
    api: MainBackend, database: Database
) -> None:
    await api.consume(operation_id="photo-1")

    answer = await reported(api, "photo-1", await today(database), amount=2)

    assert code(answer) == (409, "OPERATION_MISMATCH")
    assert await used_on(database, await today(database)) == 1


@pytest.mark.parametrize("days", [-8, 2, 400])
async def test_a_day_that_cannot_be_meant_is_refused(api: MainBackend, database: Database, days: int) -> None:
    refused = await reported(api, "photo-1", await today(database) + timedelta(days=days))

    assert refused.status_code == 422
    assert refused.json()["error"]["details"]["fields"] == {
        "decided_on": "Neither today nor in the seven days before"
    }
    assert await value(database, "SELECT count(*) FROM usage_operations") == 0


@pytest.mark.parametrize(
    "body",
    [{"decided_on": "2026-11-27"}, {"operation_id": "a", "decided_on": 20000}],
    ids=["no id", "a number"],
)
async def test_what_could_not_be_told_apart_is_refused(api: MainBackend, body: dict[str, Any]) -> None:
    assert (await api.consume(**body)).status_code == 422


async def test_an_unknown_feature_is_refused(api: MainBackend, database: Database) -> None:
    answer = await reported(api, "photo-1", await today(database), feature="dreams")

    assert code(answer) == (422, "FEATURE_UNKNOWN")
