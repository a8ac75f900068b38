"""Midnight, and a plan that begins or ends under way: decided to the microsecond, by one clock."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.services import Services
from billing_service.usage.midnight import limit_reached
from billing_service.web.errors.usage import DailyLimitReached
from tests.stage import MainBackend
from tests.usage.standstill import Standstill

MIDNIGHT = datetime(2026, 11, 21, 21, tzinfo=UTC)  # in Moscow
EVENING = MIDNIGHT - timedelta(hours=3)
TICK = timedelta(microseconds=1)
# Where clocks change at two or three, at one and at midnight; where a day has two midnights, and where it has none.
ZONES = [
    "UTC",
    "Europe/Moscow",
    "Europe/Berlin",
    "Atlantic/Azores",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
]
WRONG_ENDS = """
SELECT day FROM (
    SELECT day::date AS day, usage_day_end(day::date, $1) AS ends
    FROM generate_series('2024-01-01'::date, '2030-12-31', '1 day') day
) days WHERE usage_day(ends, $1) <> day + 1 OR usage_day(ends - interval '1 microsecond', $1) <> day
"""
users = count(600_001)


@pytest.fixture
def user() -> int:
    """Nobody has heard of yet: what stands in this database stays between the tests."""
    return next(users)


@pytest.fixture
async def services(still: Standstill) -> AsyncIterator[Services]:
    async with still.services() as services:
        yield services


@pytest.fixture
async def api(services: Services) -> AsyncIterator[MainBackend]:
    async with MainBackend.calling(create_app(services.settings, services)) as api:
        yield api


async def test_the_last_microsecond_of_a_day_still_belongs_to_it(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(MIDNIGHT - TICK)
    await api.consume(user, amount=3)
    refused = await api.consume(user)

    await still.set(MIDNIGHT)
    allowed = await api.consume(user)

    assert (refused.status_code, refused.json()["error"]["details"]["resets_at"]) == (
        429,
        "2026-11-21T21:00:00Z",
    )
    assert (allowed.status_code, allowed.json()["used_today"]) == (200, 1)
    assert allowed.json()["resets_at"] == "2026-11-22T21:00:00Z"


async def test_a_hold_of_yesterday_takes_no_place_today(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(MIDNIGHT - TICK)
    await api.reserve(f"{user}", user, amount=3, ttl_seconds=3600)
    assert (await api.consume(user)).status_code == 429

    await still.set(MIDNIGHT)

    assert (await api.consume(user, amount=3)).status_code == 200
    assert (await api.commit(f"{user}")).status_code == 200
    assert (await api.me(user))["used_today"] == 3


async def test_a_release_after_midnight_gives_nothing_to_the_new_day(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(MIDNIGHT - TICK)
    await api.reserve(f"{user}", user, ttl_seconds=3600)
    await still.set(MIDNIGHT)
    await api.consume(user, amount=3)

    released = (await api.release(f"{user}")).json()

    assert (released["used_today"], released["held"], released["remaining_today"]) == (3, 0, 0)


async def test_a_late_commit_of_yesterday_is_decided_by_yesterday(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(MIDNIGHT - timedelta(seconds=10))
    await api.reserve(f"{user}", user, ttl_seconds=5)
    await still.set(MIDNIGHT - timedelta(seconds=5))
    await api.consume(user, amount=3)
    await still.set(MIDNIGHT)

    refused = await api.commit(f"{user}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "OPERATION_EXPIRED")
    assert (await api.me(user))["remaining_today"] == 3


async def test_a_hold_ends_at_its_instant_and_not_before(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await api.reserve(f"{user}", user, amount=3, ttl_seconds=60)

    await still.set(EVENING + timedelta(seconds=60) - TICK)
    refused = await api.consume(user)
    await still.set(EVENING + timedelta(seconds=60))

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert (await api.consume(user, amount=3)).status_code == 200


async def test_pro_lifts_the_limit_from_its_first_microsecond(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.give_pro(user, EVENING, days=30)

    await still.set(EVENING - TICK)
    before = await api.consume(user, amount=4)
    await still.set(EVENING)
    after = await api.consume(user, amount=4)

    assert (before.status_code, after.status_code) == (422, 200)


async def test_pro_lifts_the_limit_up_to_its_last_microsecond(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.give_pro(user, EVENING - timedelta(days=30), days=30)

    await still.set(EVENING - TICK)
    before = await api.consume(user, amount=4)
    await still.set(EVENING)
    after = await api.consume(user)

    assert (before.status_code, after.status_code) == (200, 429)
    assert after.json()["error"]["details"]["current_plan"] == "FREE"


async def test_pro_bought_while_the_limit_is_held_lifts_it_and_the_holds_still_count(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await api.reserve(f"{user}", user, amount=3, ttl_seconds=600)
    held = await api.consume(user)

    await still.give_pro(user, EVENING + TICK, days=30)
    await still.set(EVENING + TICK)
    lifted = await api.consume(user)
    committed = await api.commit(f"{user}")

    assert (held.status_code, lifted.status_code, committed.status_code) == (429, 200, 200)
    assert (await api.me(user))["used_today"] == 4


async def test_pro_refunded_during_an_analysis_takes_nothing_back_and_admits_nothing_more(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await still.give_pro(user, EVENING, days=30)
    await api.reserve(f"{user}-1", user, amount=5, ttl_seconds=600)
    await api.reserve(f"{user}-2", user, amount=5, ttl_seconds=600)

    await still.set(EVENING + TICK)
    await still.end_pro(user, EVENING + TICK)
    refused = await api.consume(user)
    committed = (await api.commit(f"{user}-1")).json()

    assert refused.json()["error"]["code"] == "LIMIT_HELD"
    assert (committed["used_today"], committed["held"], committed["remaining_today"]) == (5, 5, 0)


async def test_a_refusal_takes_no_place_from_an_operation_that_is_late(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await still.give_pro(user, EVENING, days=30)
    await api.consume(user, amount=3)
    await api.reserve(f"{user}", user, amount=5, ttl_seconds=60)
    await still.set(EVENING + timedelta(seconds=60))
    await still.end_pro(user, EVENING + timedelta(seconds=60))

    refused = await api.consume(user)
    late = await api.commit(f"{user}")

    assert (refused.status_code, late.status_code) == (429, 200)
    assert (await api.me(user))["used_today"] == 8


async def test_a_commit_in_time_takes_no_place_from_an_operation_that_is_late(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await still.give_pro(user, EVENING, days=30)
    await api.consume(user, amount=3)
    await api.reserve(f"{user}-late", user, amount=5, ttl_seconds=60)
    await api.reserve(f"{user}-in-time", user, ttl_seconds=600)
    await still.set(EVENING + timedelta(seconds=60))
    await still.end_pro(user, EVENING + timedelta(seconds=60))

    answers = [await api.commit(f"{user}-in-time"), await api.commit(f"{user}-late")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await api.me(user))["used_today"] == 9


async def test_a_commit_that_is_decided_anew_takes_the_places_it_ignored(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await api.reserve(f"{user}-released", user)
    await api.release(f"{user}-released")
    await api.reserve(f"{user}-late", user, amount=3, ttl_seconds=60)
    await still.set(EVENING + timedelta(seconds=60))

    answers = [await api.commit(f"{user}-released"), await api.commit(f"{user}-late")]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert (await api.me(user))["used_today"] == 1


async def test_a_late_commit_is_decided_by_the_plan_of_its_own_instant(
    api: MainBackend, still: Standstill, user: int
) -> None:
    await still.set(EVENING)
    await still.give_pro(user, EVENING, days=30)
    await api.reserve(f"{user}", user, amount=5, ttl_seconds=60)
    await still.set(EVENING + timedelta(seconds=60))
    await api.consume(user)
    await still.end_pro(user, EVENING + timedelta(seconds=60))

    refused = await api.commit(f"{user}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "OPERATION_EXPIRED")
    assert (await api.me(user))["used_today"] == 1


@pytest.mark.parametrize(
    ("at", "resets_at"),
    [
        (datetime(2027, 3, 27, 23, tzinfo=UTC), "2027-03-28T22:00:00Z"),  # 23 hours
        (datetime(2027, 10, 30, 22, tzinfo=UTC), "2027-10-31T23:00:00Z"),  # 25 hours
    ],
)
async def test_a_short_and_a_long_day_reset_at_their_own_midnight(
    still: Standstill, user: int, at: datetime, resets_at: str
) -> None:
    async with (
        still.services("Europe/Berlin") as services,
        MainBackend.calling(create_app(services.settings, services)) as api,
    ):
        await still.set(at)
        counted = (await api.consume(user, amount=3)).json()
        await still.set(datetime.fromisoformat(resets_at) - TICK)
        refused = await api.consume(user)
        await still.set(datetime.fromisoformat(resets_at))

        assert counted["resets_at"] == resets_at
        assert refused.status_code == 429
        assert (await api.consume(user)).status_code == 200


@pytest.mark.parametrize(
    ("zone", "at", "when"),
    [
        ("Europe/Moscow", "2026-11-21T21:00Z", "00:00 по московскому времени"),
        ("Asia/Vladivostok", "2026-11-21T14:00Z", "00:00 по времени UTC+10"),
        ("Asia/Kolkata", "2026-11-21T18:30Z", "00:00 по времени UTC+5:30"),
        ("America/St_Johns", "2026-11-22T03:30Z", "00:00 по времени UTC-3:30"),
        ("UTC", "2026-11-22T00:00Z", "00:00 по времени UTC+0"),
        ("Europe/Berlin", "2026-03-29T22:00Z", "00:00 по времени UTC+2"),
        ("Asia/Beirut", "2027-03-27T22:00Z", "01:00 по времени UTC+3"),  # a day without a midnight
    ],
)
async def test_who_used_up_the_day_is_told_by_whose_clock_it_ends(
    still: Standstill, user: int, zone: str, at: str, when: str
) -> None:
    async with (
        still.services(zone) as services,
        MainBackend.calling(create_app(services.settings, services)) as api,
    ):
        await still.set(datetime.fromisoformat(at) - timedelta(hours=1))
        await api.consume(user, amount=3)

        error = (await api.consume(user)).json()["error"]

    assert error["message"] == f"Дневной лимит исчерпан. Он обновится в {when}; с PRO лимита нет."
    assert datetime.fromisoformat(error["details"]["resets_at"]) == datetime.fromisoformat(at)


def test_the_example_of_the_page_is_what_a_service_with_the_default_zone_says() -> None:
    shown = DailyLimitReached(DailyLimitReached.example)
    resets_at = datetime.fromisoformat(str(shown.details["resets_at"]))

    assert shown.message == limit_reached(resets_at, Settings.model_fields["billing_timezone"].default)


@pytest.mark.parametrize("zone", ZONES)
async def test_every_day_ends_when_its_date_does(still: Standstill, zone: str) -> None:
    assert await still.hand.fetch(WRONG_ENDS, zone) == []
