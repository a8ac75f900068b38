"""The last day of PRO is the one that a person in the service's time zone sees on the wall."""

from datetime import timedelta

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, Clock, MainBackend, work_off

UNTIL_LATE_IN_UTC = (
    "SELECT date_trunc('day', billing_now(), 'UTC') + interval '22 hours 30 minutes' - billing_now()"
)


async def test_a_pro_that_ends_after_midnight_in_moscow_ends_on_that_day(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    until: timedelta = await value(database, UNTIL_LATE_IN_UTC)
    await clock.advance(seconds=until.total_seconds())
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)

    shown = (await api.get("subscription/")).json()

    in_moscow = "SELECT (upper(span) AT TIME ZONE 'Europe/Moscow')::date FROM subscription_periods"
    in_utc = "SELECT (upper(span) AT TIME ZONE 'UTC')::date FROM subscription_periods"
    assert shown["expires_at"] == str(await value(database, in_moscow))
    assert await value(database, in_moscow) == await value(database, in_utc) + timedelta(days=1)
