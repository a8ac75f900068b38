"""The life of an operation: reserve, commit, release; late, twice, crossed, of yesterday."""

import asyncio

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off


async def figures(api: MainBackend, user: int = USER) -> tuple[int, int]:
    """Used and held now."""
    shown = (await api.internal("GET", f"users/{user}/usage")).json()
    return shown["used_today"], shown["held"]


def code(response: object) -> tuple[int, str]:
    return response.status_code, response.json().get("error", {}).get("code", "")  # type: ignore[attr-defined]


async def test_a_hold_takes_a_place_and_a_commit_makes_it_count(api: MainBackend) -> None:
    held = (await api.reserve("a")).json()
    committed = (await api.commit("a")).json()

    assert (held["used_today"], held["held"], held["remaining_today"]) == (0, 1, 2)
    assert (committed["used_today"], committed["held"], committed["remaining_today"]) == (1, 0, 2)


async def test_a_failed_analysis_costs_nothing(api: MainBackend, database: Database) -> None:
    await api.reserve("a")

    released = await api.release("a")

    assert released.status_code == 200
    assert await figures(api) == (0, 0)
    assert await value(database, "SELECT state FROM usage_operations") == "released"


async def test_a_release_gives_back_its_own_hold_and_no_other(api: MainBackend) -> None:
    await api.reserve("a")
    await api.reserve("b", amount=2)

    await api.release("a")

    assert await figures(api) == (0, 2)


async def test_holds_count_against_the_limit_and_say_when_to_come_back(api: MainBackend) -> None:
    await api.reserve("a", amount=2, ttl_seconds=30)
    await api.reserve("b", ttl_seconds=10)

    refused = await api.consume()

    assert code(refused) == (429, "LIMIT_HELD")
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert refused.json()["error"]["details"]["held"] == 3


async def test_a_limit_that_is_used_up_is_reached_even_if_something_is_held(api: MainBackend) -> None:
    await api.consume(amount=2)
    await api.reserve("a")

    assert code(await api.consume(amount=2)) == (429, "DAILY_LIMIT_REACHED")
    assert code(await api.consume()) == (429, "LIMIT_HELD")


async def test_a_forgotten_hold_frees_itself_without_a_job(api: MainBackend, clock: Clock) -> None:
    await api.reserve("a", amount=3, ttl_seconds=60)

    await clock.advance(seconds=61)

    assert await figures(api) == (0, 0)
    assert (await api.consume(amount=3)).status_code == 200


@pytest.mark.parametrize("first", ["reserve", "consume"])
async def test_a_repeat_of_a_held_or_counted_operation_counts_nothing(api: MainBackend, first: str) -> None:
    make = api.reserve("a") if first == "reserve" else api.consume(operation_id="a")
    await make
    before = await figures(api)

    again = await api.reserve("a")
    and_again = await api.consume(operation_id="a")

    assert (again.status_code, and_again.status_code) == (200, 200)
    assert await figures(api) == before


async def test_a_repeat_is_allowed_even_when_the_limit_is_reached(api: MainBackend) -> None:
    await api.consume(operation_id="a", amount=3)

    assert (await api.consume(operation_id="a", amount=3)).status_code == 200
    assert await figures(api) == (3, 0)


async def test_another_user_or_amount_under_the_same_id_is_a_mismatch(api: MainBackend) -> None:
    await api.reserve("a")

    assert code(await api.reserve("a", 2002)) == (409, "OPERATION_MISMATCH")
    assert code(await api.reserve("a", amount=2)) == (409, "OPERATION_MISMATCH")
    assert code(await api.consume(operation_id="a", amount=2)) == (409, "OPERATION_MISMATCH")
    assert await figures(api) == (0, 1)
    assert await figures(api, 2002) == (0, 0)


async def test_after_a_refusal_the_same_id_is_a_new_decision(api: MainBackend, clock: Clock) -> None:
    await api.consume(amount=3)
    assert (await api.reserve("a")).status_code == 429

    await clock.advance(days=1)

    assert (await api.reserve("a")).status_code == 200


async def test_after_a_release_the_same_id_is_a_new_decision_for_anybody(api: MainBackend) -> None:
    await api.reserve("a")
    await api.release("a")

    assert (await api.reserve("a", 2002, amount=2)).status_code == 200
    assert await figures(api) == (0, 0)
    assert await figures(api, 2002) == (0, 2)


async def test_after_its_time_the_same_id_is_a_new_decision(api: MainBackend, clock: Clock) -> None:
    await api.reserve("a", amount=3, ttl_seconds=10)
    await clock.advance(seconds=11)

    again = await api.reserve("a", amount=2, ttl_seconds=10)

    assert again.status_code == 200
    assert await figures(api) == (0, 2)


async def test_a_second_commit_counts_nothing(api: MainBackend) -> None:
    await api.reserve("a")
    await api.commit("a")

    assert (await api.commit("a")).status_code == 200
    assert await figures(api) == (1, 0)


async def test_a_second_or_late_release_is_as_good_as_the_first(api: MainBackend, clock: Clock) -> None:
    await api.reserve("a")
    await api.reserve("b", ttl_seconds=10)
    await api.release("a")
    await clock.advance(seconds=11)

    assert (await api.release("a")).status_code == 200
    assert (await api.release("b")).status_code == 200
    assert await figures(api) == (0, 0)


async def test_a_release_after_a_commit_is_refused_and_it_stays_counted(api: MainBackend) -> None:
    await api.reserve("a")
    await api.commit("a")

    assert code(await api.release("a")) == (409, "OPERATION_COMMITTED")
    assert await figures(api) == (1, 0)


async def test_a_late_commit_counts_if_nobody_took_the_place(api: MainBackend, clock: Clock) -> None:
    await api.reserve("a", amount=3, ttl_seconds=10)
    await clock.advance(seconds=11)

    assert (await api.commit("a")).status_code == 200
    assert await figures(api) == (3, 0)


async def test_a_late_commit_whose_place_was_taken_counts_if_there_is_room(
    api: MainBackend, clock: Clock
) -> None:
    await api.reserve("a", ttl_seconds=10)
    await clock.advance(seconds=11)
    await api.consume(amount=2)

    assert (await api.commit("a")).status_code == 200
    assert await figures(api) == (3, 0)


async def test_a_late_commit_whose_place_was_taken_is_refused_if_there_is_none(
    api: MainBackend, clock: Clock
) -> None:
    await api.reserve("a", ttl_seconds=10)
    await clock.advance(seconds=11)
    await api.consume(amount=3)

    assert code(await api.commit("a")) == (409, "OPERATION_EXPIRED")
    assert code(await api.commit("a")) == (409, "OPERATION_EXPIRED")
    assert await figures(api) == (3, 0)


async def test_a_commit_after_a_release_is_decided_anew(api: MainBackend) -> None:
    await api.reserve("a")
    await api.release("a")
    assert (await api.commit("a")).status_code == 200
    await api.reserve("b")
    await api.release("b")
    await api.consume(amount=2)

    assert code(await api.commit("b")) == (409, "OPERATION_EXPIRED")
    assert await figures(api) == (3, 0)


@pytest.mark.parametrize("deed", ["commit", "release"])
async def test_an_operation_nobody_reserved_is_unknown(api: MainBackend, deed: str) -> None:
    assert code(await api.internal("POST", f"usage/operations/nobody/{deed}")) == (404, "OPERATION_NOT_FOUND")


async def test_a_commit_of_yesterdays_hold_counts_yesterday(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await _to_a_minute_before_midnight(clock, database)
    await api.reserve("a", amount=3, ttl_seconds=600)
    await clock.advance(minutes=2)

    committed = await api.commit("a")

    assert (committed.json()["used_today"], committed.json()["remaining_today"]) == (0, 3)
    days = await rows(database, "SELECT photo_ai_requests FROM daily_usage ORDER BY date")
    assert days[0] == {"photo_ai_requests": 3}
    assert (await api.consume(amount=3)).status_code == 200


async def test_a_release_of_yesterdays_hold_is_of_yesterday(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await _to_a_minute_before_midnight(clock, database)
    await api.reserve("a", ttl_seconds=600)
    await clock.advance(minutes=2)
    await api.consume()

    await api.release("a")

    assert [one["holds"] for one in await rows(database, "SELECT holds FROM daily_usage")] == [{}, {}]


async def test_yesterdays_hold_is_still_the_same_operation_today(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await _to_a_minute_before_midnight(clock, database)
    await api.reserve("a", ttl_seconds=600)
    await clock.advance(minutes=2)

    assert (await api.reserve("a", ttl_seconds=600)).status_code == 200
    assert await figures(api) == (0, 0)


@pytest.mark.parametrize("other", [USER, 2002])
async def test_a_retry_after_midnight_leaves_no_dead_hold_behind(
    api: MainBackend, clock: Clock, database: Database, other: int
) -> None:
    await _to_a_minute_before_midnight(clock, database)
    await api.reserve("a", ttl_seconds=60)
    await api.reserve("b", ttl_seconds=600)
    await clock.advance(minutes=2)

    assert (await api.reserve("a", other)).status_code == 200

    holders = "SELECT user_id, array(SELECT jsonb_object_keys(holds)) AS holds FROM daily_usage ORDER BY date"
    assert await rows(database, holders) == [
        {"user_id": USER, "holds": ["b"]},
        {"user_id": other, "holds": ["a"]},
    ]


async def test_a_retry_by_another_user_leaves_no_dead_hold_behind(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await api.reserve("a", ttl_seconds=10)
    await clock.advance(seconds=11)

    assert (await api.consume(2002, operation_id="a")).status_code == 200

    assert await value(database, "SELECT holds FROM daily_usage WHERE user_id = :user", user=USER) == {}


async def test_a_retry_that_is_refused_leaves_the_late_operation_its_place(
    api: MainBackend, clock: Clock
) -> None:
    await api.consume(2002, amount=3)
    await api.reserve("a", ttl_seconds=10)
    await clock.advance(seconds=11)

    assert (await api.reserve("a", 2002)).status_code == 429
    assert (await api.commit("a")).status_code == 200
    assert await figures(api) == (1, 0)


async def test_an_in_time_commit_is_not_taken_back_by_a_lower_plan(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)
    await clock.advance(days=29, hours=23, minutes=59)
    await api.reserve("a", amount=50, ttl_seconds=600)
    await clock.advance(minutes=2)

    assert (await api.commit("a")).status_code == 200


async def test_commit_and_release_at_the_same_moment_have_one_winner(api: MainBackend) -> None:
    for number in range(20):
        user = 7000 + number
        await api.reserve(f"op-{number}", user)
        commit, release = await asyncio.gather(api.commit(f"op-{number}"), api.release(f"op-{number}"))

        assert commit.status_code == 200
        assert release.status_code in {200, 409}
        assert await figures(api, user) == (1, 0)


async def _to_a_minute_before_midnight(clock: Clock, database: Database) -> None:
    seconds = await value(
        database,
        "SELECT extract(epoch FROM usage_day_end(usage_day(billing_now(), 'Europe/Moscow'), 'Europe/Moscow')"
        " - billing_now())",
    )
    await clock.advance(seconds=float(seconds) - 60)
