"""Every kind of event about renewals, as the main backend gets it and as the page describes it."""

from billing_service.renewals import looking
from tests.events.page import hold_to_the_page
from tests.events.test_what_is_told import ABOUT_RENEWALS
from tests.events.told import told
from tests.ledger import rows
from tests.renewals.actors import Renewals
from tests.stage import USER

CARD_IS_OVER = "UPDATE payment_methods SET expires = to_char(billing_now() - interval '1 month', 'YYYY-MM')"


async def test_every_kind_is_told_and_is_what_the_page_says(renewals: Renewals) -> None:
    for user in (USER, USER + 1):
        await renewals.subscribe(user)
    await renewals.services.statements.fetch(f"{CARD_IS_OVER} WHERE user_id = {USER}")
    await renewals.declines("card_expired")
    await renewals.due_tomorrow()
    await renewals.costs("349")
    await renewals.services.statements.fetch("UPDATE subscriptions SET renewal_look_at = billing_now()")
    await renewals.work()
    await renewals.costs("299")
    await renewals.pass_time(hours=2)
    await renewals.pass_time(days=1)

    events = await told(renewals.services)

    hold_to_the_page(events)
    assert {event["type"] for event in events} >= ABOUT_RENEWALS


async def test_each_payer_is_told_once_however_often_he_is_looked_at(renewals: Renewals) -> None:
    for user in (USER, USER + 1):
        await renewals.subscribe(user)
    await renewals.services.statements.fetch(CARD_IS_OVER)
    await renewals.pass_time(days=22)
    await looking.look(renewals.services, USER)
    assert await renewals.events("payment_method.expiring") == []

    for _ in range(10):
        await renewals.pass_time(days=1)

    told_of = ("payment_method.expiring", "subscription.grace_started")
    assert await rows(
        renewals.database,
        f"SELECT user_id, kind FROM outbox_events WHERE kind IN {told_of} ORDER BY user_id, kind",  # noqa: S608
    ) == [{"user_id": user, "kind": kind} for user in (USER, USER + 1) for kind in told_of]
