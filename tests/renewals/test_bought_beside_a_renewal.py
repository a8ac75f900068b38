"""Who buys by hand while his subscription renews itself pays twice: one goes back by itself, or a person is told."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.ledger import rows, value
from tests.renewals.actors import Renewals
from tests.renewals.crowds import turn
from tests.renewals.test_saying_no import alarms_in, charge_and_lose_the_answer, learn_of_it, switch_off
from tests.stage import work_off
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION

SILENCE = LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION


async def checkout_and_then_a_charge(renewals: Renewals, *, silent: bool) -> dict[str, Any]:
    """The checkout is opened just before access ends, where it holds the renewal back no longer."""
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await turn(renewals, hours=24.8)
    checkout = await renewals.api.buy()
    await renewals.office.call("PUT", "/faults", SILENCE if silent else [])
    await renewals.pass_time(minutes=20)
    assert [charge["status"] for charge in await renewals.charges()] == ["PENDING" if silent else "SUCCEEDED"]
    return checkout


@pytest.mark.parametrize("renewal_first", [True, False])
async def test_a_checkout_that_was_open_before_the_renewal_grants_too_and_a_person_is_told(
    renewals: Renewals, *, renewal_first: bool
) -> None:
    checkout = await checkout_and_then_a_charge(renewals, silent=not renewal_first)

    await renewals.office.call("PUT", "/faults", [])
    await renewals.office.pay(checkout)
    await work_off(renewals.services)
    await learn_of_it(renewals)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]
    assert await renewals.pro_days_left() == pytest.approx(60, abs=0.2)
    assert await value(renewals.database, "SELECT count(*) FROM refunds") == 0
    assert await rows(renewals.database, "SELECT kind FROM alarms") == [{"kind": "double_purchase"}]


async def test_a_checkout_beside_a_renewal_that_went_back_is_all_that_was_bought(renewals: Renewals) -> None:
    checkout = await checkout_and_then_a_charge(renewals, silent=True)
    await renewals.office.call("PUT", "/faults", [])
    await switch_off(renewals)
    await learn_of_it(renewals)

    await renewals.office.pay(checkout)
    await work_off(renewals.services)

    assert await value(renewals.database, "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'") == 1
    assert await rows(renewals.database, "SELECT kind FROM alarms") == []
    assert await renewals.pro_days_left() == pytest.approx(30, abs=0.2)


async def test_what_went_back_because_it_was_switched_off_is_not_sent_back_again_because_it_was_bought(
    renewals: Renewals,
) -> None:
    await charge_and_lose_the_answer(renewals)
    await turn(renewals, hours=0.2)
    await renewals.office.call("PUT", "/faults", [])
    await switch_off(renewals)
    bought = await renewals.api.buy()
    await learn_of_it(renewals)
    assert await value(renewals.database, "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'") == 1

    with capture_logs() as lines:
        await renewals.office.pay(bought)
        await work_off(renewals.services)

    assert alarms_in(lines) == set()
    assert await value(renewals.database, "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'") == 1
    assert (
        await value(renewals.database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'refund.give_back'")
        == 0
    )
    assert await renewals.pro_days_left() == pytest.approx(31, abs=0.2)
