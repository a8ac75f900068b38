"""The day of a limit: a date in the service's time zone, by the database's clock alone."""

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import value
from tests.stage import Clock, MainBackend

# What a day's limit depends on must not read the clock of the process.
PROCESS_CLOCK = re.compile(
    r"datetime\.now|datetime\.utcnow|date\.today|time\.time\(|time\.localtime|perf_counter"
)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-07-01", "Europe/Berlin", 24),
        ("2026-03-29", "Europe/Moscow", 24),
        ("2026-10-25", "UTC", 24),
    ],
)
async def test_a_day_has_as_many_hours_as_its_zone_gives_it(
    database: Database, day: str, zone: str, hours: int
) -> None:
    length = """
        SELECT extract(epoch FROM
            usage_day_end(cast(:day AS text)::date, :zone) - usage_day_end(cast(:day AS text)::date - 1, :zone)) / 3600
    """

    assert await value(database, length, day=day, zone=zone) == hours


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-11-21T20:59:59.999999Z", "Europe/Moscow", "2026-11-21"),
        ("2026-11-21T21:00:00Z", "Europe/Moscow", "2026-11-22"),
        ("2026-10-24T21:59:59Z", "Europe/Berlin", "2026-10-24"),
        ("2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"),
    ],
)
async def test_an_instant_belongs_to_the_date_on_the_wall(
    database: Database, instant: str, zone: str, day: str
) -> None:
    said = "SELECT usage_day(cast(:instant AS text)::timestamptz, :zone)::text"

    assert await value(database, said, instant=instant, zone=zone) == day


async def test_the_limit_resets_when_the_configured_day_ends(
    services: Services, clock: Clock, database: Database
) -> None:
    zone = ZoneInfo("America/New_York")
    settings = services.settings.model_copy(update={"billing_timezone": zone})
    app = create_app(settings, replace(services, settings=settings))
    async with MainBackend.calling(app) as api:
        used_up = (await api.consume(amount=3)).json()
        left = "SELECT extract(epoch FROM cast(:end AS text)::timestamptz - billing_now())"
        seconds = float(await value(database, left, end=used_up["resets_at"]))
        await clock.advance(seconds=seconds - 60)
        refused = await api.consume()
        await clock.advance(seconds=60)

        assert refused.status_code == 429
        assert (await api.consume()).status_code == 200


def test_no_decision_about_a_limit_reads_the_clock_of_its_process(repository: Path) -> None:
    sources = [
        *(repository / "src/billing_service/usage").glob("*.py"),
        repository / "src/billing_service/kit/statement_pool.py",
    ]

    assert len(sources) > 5
    assert [source.name for source in sources if PROCESS_CLOCK.search(source.read_text())] == []
