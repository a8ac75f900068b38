"""Every kind of event about renewals, as the main backend gets it and as the page describes it."""

from tests.events.page import hold_to_the_page
from tests.events.test_what_is_told import ABOUT_RENEWALS
from tests.events.told import told
from tests.renewals.actors import Renewals
from tests.stage import USER


async def test_every_kind_is_told_and_is_what_the_page_says(renewals: Renewals) -> None:
    for user in (USER, USER + 1):
        await renewals.subscribe(user)
    await renewals.services.statements.fetch(
        f"UPDATE payment_methods SET expires = to_char(billing_now(), 'YYYY-MM') WHERE user_id = {USER}"  # noqa: S608
    )
    await renewals.declines("card_expired")
    await renewals.due_tomorrow()
    await renewals.services.statements.fetch(
        "UPDATE subscription_plans SET price = 349 WHERE code = 'PRO_MONTHLY'"
    )
    await renewals.services.statements.fetch("UPDATE subscriptions SET renewal_look_at = billing_now()")
    await renewals.work()
    await renewals.services.statements.fetch(
        "UPDATE subscription_plans SET price = 299 WHERE code = 'PRO_MONTHLY'"
    )
    await renewals.pass_time(hours=2)
    await renewals.pass_time(days=1)

    events = await told(renewals.services)

    hold_to_the_page(events)
    assert {event["type"] for event in events} >= ABOUT_RENEWALS
