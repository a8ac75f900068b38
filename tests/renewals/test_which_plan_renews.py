"""What is charged is what the payer has agreed to and gone through with, whatever else he has opened or was given."""

from tests.payment_methods.cards import CONSENT, order
from tests.renewals.actors import Renewals
from tests.stage import USER

GIFT = {"plan_code": "PRO_YEARLY", "days": 3, "author": "support", "reason": "сбой"}


async def planned(renewals: Renewals) -> tuple[str, str]:
    """Five days before the end."""
    await renewals.pass_time(days=25)
    charge = (await renewals.shown())["next_charge"]
    return charge["plan_code"], charge["amount"]


async def test_who_leaves_the_page_of_another_plan_unpaid_goes_on_with_his_own(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.clock.advance(minutes=5)
    await order(renewals.api, plan_code="PRO_YEARLY")

    assert await planned(renewals) == ("PRO_MONTHLY", "299.00")


async def test_who_pays_for_another_plan_goes_on_with_that(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.clock.advance(minutes=5)
    await renewals.office.pay(await order(renewals.api, plan_code="PRO_YEARLY"))

    await renewals.pass_time(days=390)

    charge = (await renewals.shown())["next_charge"]
    assert (charge["plan_code"], charge["amount"]) == ("PRO_YEARLY", "2490.00")


async def test_who_does_not_confirm_another_card_has_not_agreed_to_another_price(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.costs("399")
    started = await renewals.api.post("bind-card/start/", {"consent": CONSENT})
    assert started.status_code == 201, started.text

    await renewals.pass_time(days=25)
    asked = (await renewals.shown())["no_charge_because"]
    await renewals.bind_a_card()

    assert (asked, (await renewals.shown())["next_charge"]["amount"]) == ("CONSENT_NEEDED", "399.00")


async def test_another_card_is_for_the_plan_that_was_agreed_to_and_not_for_a_gift(renewals: Renewals) -> None:
    await renewals.subscribe()
    given = await renewals.api.internal("POST", f"users/{USER}/grants", GIFT, Idempotency_Key="gift")
    assert given.status_code == 201, given.text

    await renewals.bind_a_card()

    assert await planned(renewals) == ("PRO_MONTHLY", "299.00")
