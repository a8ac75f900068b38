"""The owner is told the figures of each week once, and those of no other week."""

from billing_service.app import create_app
from billing_service.kit.callers import LEGACY
from billing_service.kit.db import Database
from billing_service.operations import weekly_digest
from billing_service.services import Services
from tests.events.told import told
from tests.ledger import value
from tests.payment_methods.cards import order
from tests.stage import BackOffice, Clock, MainBackend, that_renews, work_off

SECONDS_LEFT = """
    SELECT extract(epoch FROM date_trunc('week', billing_now() AT TIME ZONE 'Europe/Moscow') + interval '1 week'
        - billing_now() AT TIME ZONE 'Europe/Moscow')::float8
"""


async def a_week_begins(clock: Clock, office: BackOffice, database: Database, *, hour: float = 10) -> None:
    """Monday at this hour in Moscow."""
    seconds = await value(database, SECONDS_LEFT) + hour * 3600
    await clock.advance(seconds=seconds)
    await office.call("POST", "/clock", {"advance_seconds": seconds})


async def test_a_week_is_told_once_with_its_own_figures(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    await a_week_begins(clock, office, database)
    bought = [await api.buy(user=user) for user in (1, 2, 3)]
    for payment in bought[:2]:
        await office.pay(payment)
    await office.decline(bought[2], "insufficient_funds")
    await work_off(services)
    await api.refund(bought[0], "100.00")
    await a_week_begins(clock, office, database)
    await office.pay(await api.buy("PRO_YEARLY", 4))
    await work_off(services)
    for _ in range(2):
        await weekly_digest.tell(services)

    digests = [event["data"] for event in await told(services) if event["type"] == "billing.weekly_digest"]
    (figures,) = digests
    assert (figures["payments"], figures["amount"]) == (2, "598.00")
    assert (figures["payments_canceled"], figures["payments_failed"]) == (1, 0)
    assert (figures["refunds"], figures["refunded_amount"]) == (1, "100.00")
    assert (figures["access_begun"], figures["notifications"]) == (2, 4)
    assert figures["week_begins"].endswith("T21:00:00Z")


async def test_no_failure_is_what_went_on_without_a_card_nor_what_was_imported(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    await a_week_begins(clock, office, database)
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "refusal", "count": 2}])
    for user in (1, 2):
        await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, user)
    await office.pay(await api.buy("PRO_YEARLY", 1))
    await office.decline(await api.buy(user=3), "insufficient_funds")
    await work_off(services)
    await services.statements.fetch("UPDATE payments SET caller = 'legacy', seen_at = NULL WHERE user_id = 3")
    await services.statements.fetch(
        "UPDATE payments SET replaced_by = (SELECT id FROM payments WHERE status = 'SUCCEEDED') "
        "WHERE user_id = 1 AND status = 'FAILED'"
    )
    await a_week_begins(clock, office, database)

    await weekly_digest.tell(services)

    (figures,) = [event["data"] for event in await told(services) if event["type"] == "billing.weekly_digest"]
    assert (figures["payments"], figures["payments_canceled"], figures["payments_failed"]) == (1, 0, 1)


async def test_a_purchase_that_went_on_without_saving_has_not_failed_nor_has_what_was_begun_before_the_move(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    await a_week_begins(clock, office, database)
    await office.call("PUT", "/shop", {"recurring": False})
    renewing = that_renews(services)
    async with MainBackend.calling(create_app(renewing.settings, renewing)) as renews:
        await office.pay(await order(renews))
    await office.decline(await api.buy(user=2), "insufficient_funds")
    await work_off(services)
    await services.statements.fetch("""
        INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(),
            'yookassa_payment_id', NULL, 'caller', 'legacy', 'user_id', 2))).* FROM payments p WHERE status = 'CANCELED'
    """)
    await a_week_begins(clock, office, database)
    await weekly_digest.tell(services)

    (figures,) = [event["data"] for event in await told(services) if event["type"] == "billing.weekly_digest"]
    assert (figures["payments"], figures["payments_canceled"], figures["payments_failed"]) == (1, 1, 0)


async def test_the_next_week_has_an_event_of_its_own_also_when_nothing_happened(
    office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    for _ in range(2):
        await weekly_digest.tell(services)
        await a_week_begins(clock, office, database)
    await weekly_digest.tell(services)

    digests = [event["data"] for event in await told(services)]
    assert [figures["amount"] for figures in digests] == ["0.00"] * 3
    assert [one["week_ends"] for one in digests[:-1]] == [one["week_begins"] for one in digests[1:]]


async def test_nobody_is_told_before_nine_on_monday_and_a_later_hour_makes_up_for_a_missed_one(
    office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    await weekly_digest.tell(services)
    await a_week_begins(clock, office, database, hour=8.9)
    await weekly_digest.tell(services)
    before_nine = len(await told(services))
    await clock.advance(days=2)
    await weekly_digest.tell(services)

    assert (before_nine, len(await told(services))) == (1, 2)


async def test_what_was_told_is_not_counted_again_each_hour(services: Services) -> None:
    values = services.settings.billing_timezone.key, services.settings.shop_is_test, LEGACY
    before = await services.statements.fetch(weekly_digest.FIGURES, *values)

    await weekly_digest.tell(services)

    assert (len(before), await services.statements.fetch(weekly_digest.FIGURES, *values)) == (1, [])
