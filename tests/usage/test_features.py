"""More than photos is limited, each on its own; a commit counts what was needed, a hold lasts while it is needed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.events.told import told
from tests.ledger import value
from tests.stage import USER, Clock, MainBackend
from tests.usage.locking import THE_ROWS_OF, HeldUp
from tests.usage.test_operations import code, figures

PLANS = "personal_plan"
WHO = {"author": "owner", "reason": "планы"}
# As the release before asks.
ADMIT_BEFORE = "SELECT * FROM usage_admit(1001, 1, 'old', interval '5 minutes', 'Europe/Moscow')"
CONSUME_BEFORE = "SELECT * FROM usage_admit(1001, 1, NULL, NULL, 'Europe/Moscow')"
COMMIT_BEFORE = "SELECT * FROM usage_commit('old', 'Europe/Moscow', true)"
RELEASE_BEFORE = "SELECT * FROM usage_release('plan', 'Europe/Moscow', true)"


@pytest.fixture
async def api(api: MainBackend) -> MainBackend:
    """FREE has one plan a day, PRO_YEARLY four, PRO_MONTHLY none."""
    for plan, limits in {"FREE": {PLANS: 1}, "PRO_YEARLY": {PLANS: 4}}.items():
        changed = await api.internal("PATCH", f"plans/{plan}/", {"daily_limits": limits, **WHO})
        assert changed.status_code == 200, changed.text
    return api


async def limit(api: MainBackend, photos: int | None, plans: int | None = 1) -> None:
    wish = {"daily_photo_limit": photos, "daily_limits": {PLANS: plans}, **WHO}
    assert (await api.internal("PATCH", "plans/FREE/", wish)).status_code == 200


async def shown(api: MainBackend, feature: str = PLANS, *, explain: bool = False) -> dict[str, Any]:
    asked = f"users/{USER}/usage?feature={feature}{'&explain=true' if explain else ''}"
    answer: dict[str, Any] = (await api.internal("GET", asked)).json()
    assert (answer["operations"] is None) is not explain
    return answer


async def explained(api: MainBackend, feature: str = "photo_ai") -> list[dict[str, Any]]:
    """The operations, after they were added up."""
    answer = await shown(api, feature, explain=True)
    listed: list[dict[str, Any]] = answer["operations"]
    assert sum(one["counts"] for one in listed) == answer["used_today"]
    assert sum(one["amount"] for one in listed if one["state"] == "held") == answer["held"]
    return listed


async def test_a_feature_has_a_limit_of_its_own(api: MainBackend, services: Services) -> None:
    await api.consume(amount=2)
    first = (await api.consume(feature=PLANS)).json()
    refused = await api.consume(feature=PLANS)

    assert (first["feature"], first["used_today"], first["daily_limit"]) == (PLANS, 1, 1)
    assert code(refused) == (429, "DAILY_LIMIT_REACHED")
    assert refused.json()["error"]["details"]["feature"] == PLANS
    assert "PRO" not in refused.json()["error"]["message"]
    assert (await figures(api), (await shown(api))["allowed"]) == ((2, 0), False)
    (reached,) = await told(services)
    assert (reached["data"]["feature"], reached["data"]["daily_limit"]) == (PLANS, 1)


async def test_each_feature_that_is_used_up_is_told_once_a_day(api: MainBackend, services: Services) -> None:
    await api.consume(amount=3)
    await api.reserve("plan", feature=PLANS)
    await api.commit("plan")

    assert [event["data"]["feature"] for event in await told(services)] == ["photo_ai", PLANS]


async def test_a_feature_that_is_no_part_of_the_plan_is_never_admitted(api: MainBackend) -> None:
    await api.internal(
        "POST",
        f"users/{USER}/grants",
        {"plan_code": "PRO_MONTHLY", "days": 3, **WHO},
        Idempotency_Key="month",
    )

    refused = await api.consume(feature=PLANS)

    assert code(refused) == (422, "AMOUNT_ABOVE_LIMIT")
    assert refused.json()["error"]["details"]["daily_limit"] == 0


async def test_a_feature_that_no_plan_knows_is_named_as_such(api: MainBackend) -> None:
    answers = [
        await api.consume(feature="teleport"),
        await api.reserve("a", feature="teleport"),
        await api.internal("GET", f"users/{USER}/usage?feature=teleport"),
        await api.internal("GET", f"users/{USER}/usage?feature=teleport&explain=true"),
        await api.internal("POST", f"users/{USER}/usage/reset", {"feature": "teleport", **WHO}),
    ]

    assert [code(one) for one in answers] == [(422, "FEATURE_UNKNOWN")] * 5
    assert code(await api.consume(feature="Teleport!")) == (422, "VALIDATION_ERROR")


async def test_what_was_reserved_of_a_feature_is_committed_though_no_plan_knows_it_any_more(
    api: MainBackend,
) -> None:
    await api.reserve("plan", feature=PLANS)
    for plan in ("FREE", "PRO_YEARLY"):
        await api.internal("PATCH", f"plans/{plan}/", {"daily_limits": {}, **WHO})

    committed = await api.commit("plan")

    assert (committed.status_code, committed.json()["used_today"]) == (200, 1)


async def test_one_id_is_of_one_feature(api: MainBackend) -> None:
    await api.reserve("a", feature=PLANS)

    assert code(await api.reserve("a")) == (409, "OPERATION_MISMATCH")
    assert await figures(api) == (0, 0)


async def test_an_id_that_is_free_again_may_go_on_as_another_feature_and_leaves_nothing_behind(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await api.reserve("a", feature=PLANS, ttl_seconds=1)
    await clock.advance(seconds=2)

    assert (await api.reserve("a")).status_code == 200
    assert await value(database, "SELECT holds FROM daily_feature_usage") == {}
    assert (await api.commit("a")).json()["feature"] == "photo_ai"


async def test_a_reset_is_of_one_feature(api: MainBackend) -> None:
    await api.consume(amount=2)
    await api.consume(feature=PLANS)

    reset = await api.internal("POST", f"users/{USER}/usage/reset", {"feature": PLANS, **WHO})

    assert (reset.json()["feature"], reset.json()["used_today"]) == (PLANS, 0)
    assert await figures(api) == (2, 0)


async def test_a_commit_of_less_gives_the_rest_back_at_once(api: MainBackend) -> None:
    await limit(api, 5)
    await api.reserve("a", amount=5)

    committed = (await api.commit("a", 3)).json()

    assert (committed["used_today"], committed["held"], committed["remaining_today"]) == (3, 0, 2)
    assert (await api.consume(amount=2)).status_code == 200


async def test_a_repeated_commit_counts_nothing_and_one_of_another_amount_is_refused(
    api: MainBackend,
) -> None:
    await api.reserve("a", amount=3)
    answers = [
        await api.commit("a", 2),
        await api.commit("a", 2),
        await api.commit("a", 3),
        await api.commit("a"),
    ]

    assert [code(one) for one in answers] == [(200, "")] * 2 + [(409, "OPERATION_MISMATCH")] * 2
    assert await figures(api) == (2, 0)


async def test_a_commit_of_more_that_fits_counts(api: MainBackend) -> None:
    await api.reserve("a", amount=1)

    committed = await api.commit("a", 3)

    assert (committed.status_code, committed.json()["used_today"]) == (200, 3)


@pytest.mark.parametrize(
    ("before", "amount", "refused"),
    [("counted", 3, "DAILY_LIMIT_REACHED"), ("held", 3, "LIMIT_HELD"), ("counted", 4, "AMOUNT_ABOVE_LIMIT")],
)
async def test_a_commit_of_more_that_does_not_fit_counts_nothing_and_keeps_its_hold(
    api: MainBackend, before: str, amount: int, refused: str
) -> None:
    await (api.consume() if before == "counted" else api.reserve("before"))
    await api.reserve("a", amount=2)

    answer = await api.commit("a", amount)

    assert code(answer)[1] == refused
    assert await figures(api) == ((1, 2) if before == "counted" else (0, 3))
    assert ("retry-after" in answer.headers) == (refused == "LIMIT_HELD")
    assert (await api.commit("a")).json()["used_today"] == (3 if before == "counted" else 2)


async def test_what_a_commit_of_more_ignored_as_late_has_lost_its_place(
    api: MainBackend, clock: Clock
) -> None:
    await api.reserve("late", ttl_seconds=1)
    await clock.advance(seconds=2)
    await api.reserve("a", amount=2)

    assert (await api.commit("a", 3)).status_code == 200
    assert code(await api.commit("late")) == (409, "OPERATION_EXPIRED")


async def test_a_hold_lasts_as_long_as_it_is_extended_and_never_less(api: MainBackend, clock: Clock) -> None:
    reserved = datetime.fromisoformat((await api.reserve("a", ttl_seconds=60)).json()["resets_at"])
    longer = (await api.extend("a", 600)).json()
    shorter = (await api.extend("a", 1)).json()
    await clock.advance(minutes=9)

    assert longer["held_until"] == shorter["held_until"] < reserved.isoformat()
    assert await figures(api) == (0, 1)
    await clock.advance(minutes=2)
    assert await figures(api) == (0, 0)


async def test_a_hold_that_is_extended_again_and_again_ends_four_hours_after_it_was_reserved(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await api.reserve("a", ttl_seconds=3600)
    until: list[str] = []
    for _ in range(10):
        answer = await api.extend("a", 3600)
        if answer.status_code != 200:
            break
        until.append(answer.json()["held_until"])
        await clock.advance(minutes=50)

    began = await value(database, "SELECT began_at FROM usage_operations")
    assert datetime.fromisoformat(until[-1]) - began == timedelta(hours=4)
    assert code(answer) == (409, "OPERATION_EXPIRED")


async def test_only_what_is_held_is_extended(api: MainBackend, clock: Clock) -> None:
    for name in ("released", "committed", "over"):
        await api.reserve(name, ttl_seconds=1)
    await api.release("released")
    await api.commit("committed")
    await clock.advance(seconds=1)

    answers = [code(await api.extend(name, 60)) for name in ("released", "committed", "over", "nobody")]

    assert answers == [
        (409, "OPERATION_EXPIRED"),
        (409, "OPERATION_COMMITTED"),
        (409, "OPERATION_EXPIRED"),
        (404, "OPERATION_NOT_FOUND"),
    ]


async def test_a_hold_whose_time_is_over_takes_no_place_again_by_being_extended(
    api: MainBackend, clock: Clock
) -> None:
    await api.reserve("a", amount=3, ttl_seconds=60)
    await clock.advance(seconds=61)
    await limit(api, 2)

    await api.extend("a", 600)

    assert await figures(api) == (0, 0)


async def test_three_of_three_are_explained(api: MainBackend, clock: Clock) -> None:
    await api.consume()
    await clock.advance(seconds=1)
    await api.consume(operation_id="named")
    await clock.advance(seconds=1)
    await api.reserve("less", amount=1)
    await clock.advance(seconds=1)
    await api.release("less")
    await api.reserve("over", ttl_seconds=1)
    await clock.advance(seconds=2)
    await api.reserve("running")

    listed = await explained(api)

    assert [(one["operation_id"], one["state"], one["counts"]) for one in listed] == [
        (None, "counted", 1),
        ("named", "counted", 1),
        ("less", "released", 0),
        ("over", "expired", 0),
        ("running", "held", 0),
    ]
    began = [datetime.fromisoformat(one["began_at"]) for one in listed]
    assert began == sorted(began)
    assert [one["ended_at"] is None for one in listed] == [False, False, False, True, True]
    assert listed[-1]["held_until"] > listed[-1]["began_at"]


async def test_a_reset_is_part_of_the_explanation(api: MainBackend, clock: Clock) -> None:
    await api.consume(amount=3)
    await clock.advance(seconds=1)
    await api.internal("POST", f"users/{USER}/usage/reset", WHO)
    await clock.advance(seconds=1)
    await api.consume(amount=2)

    assert [(one["state"], one["counts"]) for one in await explained(api)] == [
        ("counted", 3),
        ("reset", -3),
        ("counted", 2),
    ]


async def test_the_explanation_is_of_today_and_of_the_feature(api: MainBackend, clock: Clock) -> None:
    await api.consume(amount=2, operation_id="yesterday")
    await api.consume()
    await clock.advance(days=1)
    await api.consume(operation_id="today")
    await api.consume(operation_id="plan", feature=PLANS)

    assert [one["operation_id"] for one in await explained(api)] == ["today"]
    assert [one["operation_id"] for one in await explained(api, PLANS)] == ["plan"]


@pytest.mark.parametrize("feature", ["photo_ai", PLANS])
async def test_a_day_of_many_nameless_uses_is_explained_by_the_newest_hundred_and_a_sum(
    api: MainBackend, feature: str
) -> None:
    await limit(api, None, None)
    for _ in range(104):
        await api.consume(amount=2, feature=feature)

    first, *others = await explained(api, feature)

    assert (first["state"], first["counts"], len(others)) == ("not_listed", 8, 100)
    assert {one["state"] for one in others} == {"counted"}


async def test_the_release_before_goes_on_and_what_it_counts_is_explained(
    api: MainBackend, database: Database
) -> None:
    await api.reserve("plan", feature=PLANS)
    async with database.engine.begin() as connection:
        asked = (ADMIT_BEFORE, COMMIT_BEFORE, CONSUME_BEFORE, RELEASE_BEFORE)
        answers = [(await connection.exec_driver_sql(one)).mappings().one() for one in asked]

    assert [one["verdict"] for one in answers] == ["allowed"] * 4
    assert [one["used"] for one in answers] == [0, 1, 2, 0]
    assert sorted(str(one["operation_id"]) for one in await explained(api)) == ["None", "old"]
    assert (await shown(api))["held"] == 0


async def test_what_was_counted_before_it_was_written_down_is_one_sum(
    api: MainBackend, database: Database
) -> None:
    await api.consume()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE daily_usage SET nameless = '{}'")

    assert [(one["state"], one["counts"]) for one in await explained(api)] == [("not_listed", 1)]


@pytest.mark.parametrize("feature", ["photo_ai", PLANS])
async def test_of_a_commit_of_less_and_one_of_all_at_once_one_counts_and_the_other_is_told_so(
    api: MainBackend, settings: Settings, feature: str
) -> None:
    await limit(api, 3, 3)
    await api.reserve("a", amount=3, feature=feature)

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        both = asyncio.gather(api.commit("a", 1), api.commit("a"))
        await held_up.until(waiting=2)
    answers = sorted(code(one) for one in await both)

    assert answers == [(200, ""), (409, "OPERATION_MISMATCH")]
    assert (await shown(api, feature))["used_today"] in {1, 3}
    await explained(api, feature)


@pytest.mark.parametrize("feature", ["photo_ai", PLANS])
@pytest.mark.parametrize("end", ["commit", "release"])
async def test_an_extension_that_waited_behind_the_end_of_its_operation_holds_nothing(
    api: MainBackend, settings: Settings, end: str, feature: str
) -> None:
    await api.reserve("a", feature=feature)

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        ending = asyncio.create_task({"commit": api.commit, "release": api.release}[end]("a"))
        await held_up.until(waiting=1)
        extending = asyncio.create_task(api.extend("a", 600))
        await held_up.until(waiting=2)
    answers = [code(await ending), code(await extending)]

    assert answers == [(200, ""), (409, "OPERATION_COMMITTED" if end == "commit" else "OPERATION_EXPIRED")]
    assert (await shown(api, feature))["held"] == 0


async def test_a_place_whose_time_ends_meanwhile_is_extended_or_taken_and_never_both(
    api: MainBackend, settings: Settings, clock: Clock
) -> None:
    await api.reserve("a", amount=3, ttl_seconds=60)

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        extending = asyncio.create_task(api.extend("a", 600))
        await held_up.until(waiting=1)
        await clock.advance(seconds=61)
        taking = asyncio.create_task(api.consume(amount=3))
        await held_up.until(waiting=2)
    answers = {code(await extending)[0], code(await taking)[0]}

    assert answers in ({200, 429}, {200, 409})
    assert sum(await figures(api)) == 3


async def test_who_is_pro_and_has_used_up_his_day_is_not_sent_to_pro(api: MainBackend) -> None:
    few = {"daily_photo_limit": 2, **WHO}
    assert (await api.internal("PATCH", "plans/PRO_MONTHLY/", few)).status_code == 200
    given = {"plan_code": "PRO_MONTHLY", "days": 3, **WHO}
    await api.internal("POST", f"users/{USER}/grants/", given, Idempotency_Key="a-gift")
    await api.consume(amount=2)

    refused = await api.consume()

    error = refused.json()["error"]
    assert (error["code"], "PRO" in error["message"]) == ("DAILY_LIMIT_REACHED", False)
