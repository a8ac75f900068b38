"""Every process of a database counts the same days: two zones would allow 3 + 3 photos."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.schema import timezone as timezones
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from billing_service.services import Services, open_services
from tests.bad_days.invariants import broken_rules
from tests.forked import installed_billing_service
from tests.ledger import rows
from tests.scratch import migrated_database
from tests.stage import MainBackend
from tests.test_health import health, outcome
from tests.usage.locking import HeldUp

WILL_NOT_START = "billing-service will not start: the database is unfit: "
ANOTHER_ZONE = (
    "its days end at midnight of Europe/Moscow, and BILLING_TIMEZONE is Asia/Vladivostok: put that back, or stop "
    "every process and run billing-service migrate --timezone Asia/Vladivostok"
)


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    async with migrated_database(settings.database_url) as url:
        yield url


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    db = Database(url, pool_size=5)
    yield db
    await db.close()


def counting_in(zone: str, settings: Settings) -> Settings:
    return settings.model_copy(update={"billing_timezone": ZoneInfo(zone)})


def there(settings: Settings, url: str, *zones: str) -> Sequence[Settings]:
    """Of processes at this database, each in one of these zones."""
    return [counting_in(zone, settings.model_copy(update={"database_url": url})) for zone in zones]


async def refusal(db: Database, settings: Settings) -> str:
    """Why a process with these settings does not start; empty if it does."""
    try:
        await refuse_unfit(db, settings)
    except UnfitDatabase as error:
        return str(error)
    return ""


async def test_a_process_in_another_zone_than_the_first_one_does_not_start(
    db: Database, settings: Settings
) -> None:
    moscow, vladivostok = (counting_in(zone, settings) for zone in ("Europe/Moscow", "Asia/Vladivostok"))

    first, second, third = [await refusal(db, one) for one in (moscow, vladivostok, moscow)]

    assert (first, second, third) == ("", f"the database is unfit: {ANOTHER_ZONE}", "")


async def test_of_two_zones_that_start_at_the_same_moment_one_is_refused(
    db: Database, settings: Settings, url: str
) -> None:
    here = settings.model_copy(update={"database_url": url})
    zones = ["Europe/Moscow", "Asia/Vladivostok"]

    async with HeldUp.at(here, "LOCK TABLE usage_timezone IN SHARE MODE") as held_up:
        both = asyncio.gather(*(refusal(db, counting_in(zone, settings)) for zone in zones))
        await held_up.until(waiting=2)

    assert sorted(map(bool, await both)) == [False, True]


@pytest.mark.parametrize("process", ["api", "worker"])
async def test_the_refusal_is_one_line_that_says_how_to_change_the_zone(
    tmp_path: Path, settings: Settings, url: str, db: Database, process: str
) -> None:
    await refuse_unfit(db, settings)

    ended = await outcome(tmp_path, settings, url, process, BILLING_TIMEZONE="Asia/Vladivostok")

    assert ended == (1, f"{WILL_NOT_START}{ANOTHER_ZONE}\n")


async def test_the_zone_is_changed_on_purpose(
    tmp_path: Path, settings: Settings, url: str, db: Database
) -> None:
    await refuse_unfit(db, settings)

    changed = await outcome(tmp_path, settings, url, "migrate", "--timezone", "Asia/Vladivostok")

    assert changed == (0, "")
    assert await refusal(db, counting_in("Asia/Vladivostok", settings)) == ""
    assert "Asia/Vladivostok, and BILLING_TIMEZONE is Europe/Moscow" in await refusal(db, settings)


async def test_a_day_that_had_begun_in_the_old_zone_takes_nothing_from_tomorrow(
    settings: Settings, url: str, db: Database
) -> None:
    """From the line of dates to twenty-five hours behind it: the day there is another one at any time."""
    east, west = there(settings, url, "Pacific/Kiritimati", "Pacific/Midway")
    async with db.engine.begin() as connection:
        await timezones.change(connection, "Pacific/Kiritimati")
    async with open_services(east) as old, MainBackend.calling(create_app(east, old)) as api:
        await api.consume(amount=2)
        await api.reserve("a")

    async with db.engine.begin() as connection:
        assert await timezones.change(connection, "Pacific/Midway")

    async with open_services(west) as new, MainBackend.calling(create_app(west, new)) as api:
        today = await api.me()
        committed = await api.commit("a")
    assert (today["used_today"], today["remaining_today"]) == (2, 0)
    assert (committed.status_code, committed.json()["used_today"]) == (200, 3)
    days = "SELECT date - usage_day(billing_now(), 'Pacific/Midway') AS ahead FROM daily_usage"
    assert await rows(db, days) == [{"ahead": 0}]
    assert await broken_rules(db) == {}


async def test_who_still_runs_in_the_old_zone_is_given_no_more_work(services: Services, url: str) -> None:
    settings = services.settings.model_copy(update={"database_url": url})
    db = Database(url, pool_size=1)
    await refuse_unfit(db, counting_in("Asia/Vladivostok", settings))
    await db.close()

    code, said = await health(services, settings, "/health/ready")

    assert (code, said["status"]) == (503, "unfit")


async def test_who_still_runs_in_the_old_zone_opens_no_second_day(
    settings: Settings, url: str, db: Database
) -> None:
    moscow, vladivostok = there(settings, url, "Europe/Moscow", "Asia/Vladivostok")
    await refuse_unfit(db, moscow)

    async with open_services(vladivostok) as old, MainBackend.calling(create_app(vladivostok, old)) as api:
        refused = [await api.consume(), await api.reserve("a")]
    async with open_services(moscow) as new, MainBackend.calling(create_app(moscow, new)) as api:
        allowed = await api.consume()

    assert [answer.json()["error"]["code"] for answer in refused] == ["TEMPORARILY_UNAVAILABLE"] * 2
    assert (allowed.status_code, allowed.json()["used_today"]) == (200, 1)


async def test_a_zone_that_only_python_knows_is_refused_in_one_line(
    tmp_path: Path, settings: Settings, url: str
) -> None:
    (tmp_path / "Mars").mkdir()
    (tmp_path / "Mars" / "Olympus").write_bytes(files("tzdata").joinpath("zoneinfo/UTC").read_bytes())
    mars = {"BILLING_TIMEZONE": "Mars/Olympus", "PYTHONTZPATH": str(tmp_path)}

    started = await outcome(tmp_path, settings, url, "api", main=installed_billing_service, **mars)
    changed = await outcome(tmp_path, settings, url, "migrate", "--timezone", "Mars/Olympus")

    assert started == (1, f"{WILL_NOT_START}it does not know BILLING_TIMEZONE=Mars/Olympus\n")
    assert changed == (
        1,
        "billing-service will not start: the database does not know the time zone Mars/Olympus\n",
    )
