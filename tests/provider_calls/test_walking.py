"""The walk misses nothing at the seams: between two steps, between two walks, between two walkers."""

from datetime import timedelta

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls import marks
from billing_service.services import Services
from tests.ledger import days_granted, value
from tests.stage import USER, BackOffice, Clock, MainBackend
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, walk_to_the_end

UP_TO_NOW = "UPDATE list_walks SET compared_until = billing_now()"


async def paid_in_silence(api: MainBackend, office: BackOffice) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy("PRO_MONTHLY"))


async def test_what_a_list_shows_up_to_an_hour_late_is_compared_all_the_same(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await walk_to_the_end(services)
    await paid_in_silence(api, office)
    await clock.advance(minutes=50)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(UP_TO_NOW)

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30


async def test_every_step_of_a_long_way_is_walked(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await walk_to_the_end(services)
    await clock.advance(hours=5)
    await office.call("POST", "/clock", {"advance_seconds": timedelta(hours=5).total_seconds()})
    await paid_in_silence(api, office)
    await clock.advance(hours=9)

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30


async def test_of_two_walkers_the_one_that_came_further_counts(
    services: Services, database: Database, clock: Clock
) -> None:
    await walk_to_the_end(services)
    slower = await marks.get_or_begin(
        services.statements, PAYMENTS.table, services.settings.shop_id, begin=PAYMENTS.walk_from
    )
    await clock.advance(hours=1)
    await walk_to_the_end(services)
    reached = await value(database, "SELECT compared_until FROM list_walks")

    await marks.set_compared_until(services.statements, slower, slower.now)

    assert await value(database, "SELECT compared_until FROM list_walks") == reached


async def test_a_shop_whose_list_was_never_compared_is_walked_from_its_first_payment(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """So an installation whose walk had stood still for days, and which lost its mark, has no gap."""
    await paid_in_silence(api, office)
    await clock.advance(days=3)

    await walk_to_the_end(services)

    assert await days_granted(database, USER) == 30
