"""The id of the shop was changed while a renewal was in flight: nobody asks about it any more."""

import pytest

from billing_service.operations.overdue import find_overdue
from billing_service.resolutions.decisions import Became
from billing_service.user_overviews.diagnosis import read_diagnosis
from tests.bad_days.invariants import broken_rules
from tests.ledger import rows, value
from tests.renewals.actors import Renewals
from tests.renewals.test_saying_no import charge_and_lose_the_answer, learn_of_it
from tests.resolutions.test_resolving import decide, standing
from tests.stage import USER, work_off
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION
from tests.user_moves.moving import move

# As if it had been charged before the shop became what it is.
IN_ANOTHER_SHOP = """
    BEGIN; SET CONSTRAINTS ALL DEFERRED;
    UPDATE payment_methods SET shop_id = '100400', is_test = false;
    UPDATE payments SET shop_id = '100400', is_test = false WHERE status = 'PENDING';
    COMMIT;
"""
HELD = "UPDATE payments SET status = 'WAITING_FOR_CAPTURE', request_body = NULL WHERE status = 'PENDING'"
OURS_AGAIN = """
    BEGIN; SET CONSTRAINTS ALL DEFERRED;
    UPDATE payment_methods SET status = 'REPLACED', sealed_id = NULL, ended_at = billing_now() WHERE NOT is_test;
    UPDATE payment_methods SET (shop_id, is_test) = (
        SELECT shop_id, is_test FROM payment_methods WHERE status = 'ACTIVE') WHERE NOT is_test;
    UPDATE payments SET (shop_id, is_test) = (
        SELECT shop_id, is_test FROM payment_methods WHERE status = 'ACTIVE') WHERE NOT is_test;
    COMMIT;
"""


async def left_in_another_shop(renewals: Renewals) -> None:
    await charge_and_lose_the_answer(renewals)
    await execute(renewals, IN_ANOTHER_SHOP)
    await renewals.office.call("PUT", "/faults", [])


async def execute(renewals: Renewals, several: str) -> None:
    async with renewals.services.statements._pool.acquire() as connection:  # noqa: SLF001 (several statements)
        await connection.execute(several)


async def test_the_period_that_may_have_been_paid_there_is_not_charged_here(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    await renewals.bind_a_card()

    for _ in range(4):
        await renewals.pass_time(days=1)
        await renewals.tell_all()

    assert [charge["status"] for charge in await renewals.charges()] == ["PENDING"]
    assert (await renewals.shown())["no_charge_because"] == "RENEWAL_IN_PROGRESS"


async def test_the_next_period_is_renewed_all_the_same(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    await renewals.bind_a_card()
    await renewals.clock.advance(minutes=11)
    await renewals.office.pay(await renewals.api.buy())
    await work_off(renewals.services)

    await renewals.pass_time(days=25)
    await renewals.tell(USER)
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(days=5, hours=12)
    assert [charge["status"] for charge in await renewals.charges()] == ["PENDING", "PENDING"]
    assert await broken_rules(renewals.database) == {}
    await learn_of_it(renewals)

    charges = await renewals.charges()
    assert [charge["status"] for charge in charges] == ["PENDING", "SUCCEEDED"]
    assert charges[1]["surplus_of"] is None
    assert await rows(renewals.database, "SELECT id FROM refunds") == []
    assert await renewals.pro_days_left() == pytest.approx(30.5, abs=1)


async def found_left(renewals: Renewals) -> str | None:
    async with renewals.database.begin() as session:
        found = await find_overdue(session, renewals.services.settings.shop_id)
    return found["no charge was left in another shop"]


async def test_nobody_becomes_another_number_before_a_person_has_ended_it(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    [charge] = await renewals.charges()

    refused = await move(renewals.api)
    await decide(renewals.services, charge["id"], "dismiss")

    assert refused.json()["error"]["details"] == {"because": "charge_in_flight", "user_id": USER}
    assert (await move(renewals.api)).status_code == 200
    assert await broken_rules(renewals.database) == {}


async def test_a_person_says_what_became_of_it_and_its_period_is_charged_here(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    await renewals.bind_a_card()
    [charge] = await renewals.charges()
    counted = await found_left(renewals)

    done = await decide(renewals.services, charge["id"], "dismiss")
    again = await decide(renewals.services, charge["id"], "dismiss")
    history = (await renewals.api.internal("GET", f"users/{USER}/timeline/")).json()["results"]
    said = [one["text"] for one in history if one["kind"] == "payment.failed"]
    said += (await read_diagnosis(renewals.services, USER)).said[:1]
    await renewals.pass_time(hours=7)

    assert [("видно только в кабинете" in one, "не списаны" in one) for one in said] == [(True, False)] * 2
    assert await renewals.events("subscription.renewal_failed") == []
    assert counted is not None
    assert counted.startswith("1 may have been paid there")
    assert await found_left(renewals) is None
    assert (done.done.what, again.done.what) == (Became.ENDED, Became.NOTHING)
    assert (
        await value(renewals.database, "SELECT count(*) FROM audit_log WHERE action = 'payment.resolved'")
        == 1
    )
    assert [charge["status"] for charge in await renewals.charges()] == ["FAILED", "SUCCEEDED"]
    assert await broken_rules(renewals.database) == {}


async def test_a_person_ends_what_is_only_held_there_and_its_period_is_charged_here(
    renewals: Renewals,
) -> None:
    await left_in_another_shop(renewals)
    await execute(renewals, HELD)
    await renewals.bind_a_card()
    [charge] = await renewals.charges()
    refused = await move(renewals.api)

    done = await decide(renewals.services, charge["id"], "dismiss")
    again = await decide(renewals.services, charge["id"], "dismiss")
    await renewals.pass_time(hours=7)

    assert refused.json()["error"]["details"] == {"because": "charge_in_flight", "user_id": USER}
    assert await renewals.events("subscription.renewal_failed") == []
    assert await found_left(renewals) is None
    assert (done.done.what, again.done.what) == (Became.ENDED, Became.NOTHING)
    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED", "SUCCEEDED"]
    assert await broken_rules(renewals.database) == {}


async def test_what_was_paid_there_after_all_is_told_of_once_that_shop_is_ours_again(
    renewals: Renewals,
) -> None:
    await left_in_another_shop(renewals)
    await execute(renewals, HELD)
    await renewals.bind_a_card()
    [charge] = await renewals.charges()
    await decide(renewals.services, charge["id"], "dismiss")
    await renewals.pass_time(hours=7)

    await execute(renewals, OURS_AGAIN)
    await learn_of_it(renewals)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED", "SUCCEEDED"]
    assert "late_success" in await standing(renewals.database)
    assert await broken_rules(renewals.database) == {}
