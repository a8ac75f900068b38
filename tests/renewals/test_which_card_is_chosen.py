"""Of two cards the one that its owner has agreed to last, whichever is learned of last."""

import pytest

from billing_service.payments.calls import PAYMENTS
from tests.payment_methods.cards import confirm, order, shown
from tests.renewals.actors import Renewals
from tests.stage import GOOD_CARD, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, walk_to_the_end

ANOTHER_CARD = "2202474301322987"
AGREED = {"document_version": "2026-11", "plan_code": "PRO_MONTHLY"}


async def agree(renewals: Renewals) -> None:
    assert (await renewals.api.post("consents/", AGREED)).status_code == 201


async def bind(renewals: Renewals, **body: object) -> None:
    started = await renewals.api.post("bind-card/start/", body)
    assert started.status_code == 201, started.text
    await confirm(renewals.office, ANOTHER_CARD)
    await work_off(renewals.services)


async def test_a_purchase_that_is_learned_of_late_takes_no_place_of_a_card_chosen_since(
    renewals: Renewals,
) -> None:
    bought = await order(renewals.api)
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await renewals.office.pay(bought, GOOD_CARD)
    await renewals.office.call("PUT", "/faults", [])
    await renewals.clock.advance(minutes=5)
    await agree(renewals)
    await bind(renewals)

    await walk_to_the_end(renewals.services, PAYMENTS)

    assert (await renewals.api.payment(bought["payment_id"]))["status"] == "succeeded"
    assert (await shown(renewals.api))["card_mask"] == "•••• 2987"


@pytest.mark.parametrize("again", [False, True])
async def test_a_purchase_that_is_begun_later_under_the_same_word_does(
    renewals: Renewals, *, again: bool
) -> None:
    await agree(renewals)
    await renewals.office.pay(await order(renewals.api, consent=False), GOOD_CARD)
    await work_off(renewals.services)
    await renewals.clock.advance(minutes=5)
    await bind(renewals, consent={"document_version": "2026-11"})
    await renewals.clock.advance(minutes=5)

    if again:
        await agree(renewals)
    await renewals.office.pay(await order(renewals.api, consent=False), GOOD_CARD)
    await work_off(renewals.services)

    assert (await shown(renewals.api))["card_mask"] == "•••• 4444"
