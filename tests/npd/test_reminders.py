"""Once a month somebody is reminded, and warned before the year's limit is reached."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.npd import service as npd
from billing_service.services import Services
from tests.ledger import value
from tests.npd.test_register import mark
from tests.stage import BackOffice, Clock, MainBackend, work_off

MOSCOW = ZoneInfo("Europe/Moscow")


async def told(services: Services, kind: str) -> list[dict[str, Any]]:
    """The alarms of a kind that the next run raises."""
    with capture_logs() as lines:
        await npd.watch(services)
    return [dict(line) for line in lines if line.get("kind") == kind]


async def turn_to_next_months(day: int, clock: Clock, database: Database) -> str:
    """The clock stands at noon in Moscow on that day of the next month; answers the month before, as written."""
    now: datetime = (await value(database, "SELECT billing_now()")).astimezone(MOSCOW)
    following = (now.replace(day=1) + timedelta(days=32)).replace(day=day, hour=12)
    await clock.advance(seconds=(following - now).total_seconds())
    return f"{now:%Y-%m}"


async def test_on_the_seventh_what_is_open_of_last_month_is_named_once(
    services: Services,
    clock: Clock,
    database: Database,
    api: MainBackend,
    paid: dict[str, Any],
) -> None:
    month = await turn_to_next_months(6, clock, database)
    assert await told(services, "npd_not_registered") == []

    await clock.advance(days=1)
    refund = (await api.refund(paid, "1.00")).json()
    [alarm] = await told(services, "npd_not_registered")

    assert (alarm["month"], alarm["open_entries"], alarm["entries"]) == (month, 1, [paid["payment_id"]])
    await clock.advance(days=1)
    assert await told(services, "npd_not_registered") == []
    await mark(api, refund["refund_id"])
    assert await told(services, "npd_not_registered") == []


async def test_nobody_is_reminded_when_all_is_registered(
    services: Services,
    clock: Clock,
    database: Database,
    api: MainBackend,
    paid: dict[str, Any],
) -> None:
    await mark(api, paid["payment_id"])
    await turn_to_next_months(7, clock, database)

    assert await told(services, "npd_not_registered") == []


@pytest.mark.usefixtures("paid")
async def test_eighty_percent_of_the_years_limit_are_told_once_and_the_limit_once_more(
    services: Services,
    api: MainBackend,
    office: BackOffice,
) -> None:
    def with_limit(limit: str) -> Services:
        settings = services.settings.model_copy(update={"npd_yearly_limit": Decimal(limit)})
        return replace(services, settings=settings)

    near = with_limit("373.75")  # of which 299.00 are 80 percent
    assert await told(with_limit("373.76"), "npd_limit_near") == []
    [alarm] = await told(near, "npd_limit_near")
    assert (alarm["reached"], alarm["kept"], alarm["limit"]) == ("80 %", "299.00", "373.75")
    assert await told(near, "npd_limit_near") == []

    second = await api.buy("PRO_MONTHLY", user=2)
    await office.pay(second)
    await work_off(services)

    assert [alarm["reached"] for alarm in await told(near, "npd_limit_near")] == ["the limit"]
    assert await told(near, "npd_limit_near") == []


async def test_what_went_back_counts_no_longer_against_the_limit(
    services: Services,
    api: MainBackend,
    paid: dict[str, Any],
) -> None:
    await api.refund(paid, "0.01")

    settings = services.settings.model_copy(update={"npd_yearly_limit": Decimal("373.75")})
    assert await told(replace(services, settings=settings), "npd_limit_near") == []


@pytest.mark.usefixtures("paid")
async def test_a_limit_that_was_reached_in_the_last_hours_of_a_year_is_told_of_in_january(
    services: Services, clock: Clock, database: Database
) -> None:
    now: datetime = await value(database, "SELECT billing_now()")
    await clock.advance(seconds=(datetime(now.year + 1, 1, 2, 12, tzinfo=MOSCOW) - now).total_seconds())
    await services.statements.fetch(
        "UPDATE payments SET paid_at = $1", datetime(now.year, 12, 31, 23, tzinfo=MOSCOW)
    )
    settings = services.settings.model_copy(update={"npd_yearly_limit": Decimal("299.00")})

    [alarm] = await told(replace(services, settings=settings), "npd_limit_near")

    assert (alarm["year"], alarm["reached"]) == (now.year, "the limit")


def test_the_limit_is_the_laws(services: Services) -> None:
    assert services.settings.npd_yearly_limit == Decimal("2400000.00")
