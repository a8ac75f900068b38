"""A crowd of subscribers whose charges are due, and what has to be true of them once everything is quiet."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from billing_service.provider_calls.asking import enqueue_due
from billing_service.worker import KINDS
from tests.ledger import rows
from tests.payment_methods.cards import keep_a_card
from tests.renewals.actors import Renewals
from tests.stage import USER, work_off
from tests.stories.silence import walk_to_the_end

STILL_OPEN = "SELECT id FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND is_recurring"
OPEN_REFUNDS = "SELECT id FROM refunds WHERE status = 'PENDING'"
TAKEN = """
    SELECT yookassa_payment_id AS id, amount::text AS amount, coalesce((
        SELECT sum(amount) FROM refunds WHERE payment_id = p.id AND status = 'SUCCEEDED'), 0.00)::text AS given_back
    FROM payments p WHERE status = 'SUCCEEDED'
"""
WITHOUT_DAYS = """
    SELECT id, user_id FROM payments p WHERE status = 'SUCCEEDED'
        AND (SELECT count(*) FROM subscription_periods WHERE payment_id = p.id) <> 1
"""
RENEWED_TWICE = """
    SELECT renewed_period_id FROM payments p WHERE status = 'SUCCEEDED' AND renewed_period_id IS NOT NULL
        AND amount > coalesce((SELECT sum(amount) FROM refunds WHERE payment_id = p.id AND status = 'SUCCEEDED'), 0)
    GROUP BY renewed_period_id HAVING count(*) > 1
"""
Taken = dict[str, tuple[str, str]]
UNTIL_IT_IS_DUE = {"hours": 2.0}


async def a_crowd_is_due(renewals: Renewals, number: int) -> Sequence[int]:
    """So many users with a card, told in time, whose charge is due now."""
    users = await a_crowd_is_told(renewals, number)
    await turn(renewals, **UNTIL_IT_IS_DUE)
    assert await renewals.charges() == []
    return users


async def a_crowd_is_told(renewals: Renewals, number: int) -> Sequence[int]:
    """The same, `UNTIL_IT_IS_DUE` before."""
    users = range(USER, USER + number)
    for user in users:
        await keep_a_card(renewals.api, renewals.office, renewals.services, user=user)
        switched = await renewals.api.post("subscription/autorenew/", {"enabled": True}, user)
        assert switched.status_code == 200, switched.text
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell_all()
    await renewals.pass_time(days=5, hours=22)
    return users


async def turn(renewals: Renewals, **by: float) -> None:
    """Time goes by here and at the provider, and nobody does anything."""
    await renewals.clock.advance(**by)
    seconds = timedelta(**by).total_seconds()
    await renewals.office.call("POST", "/clock", {"advance_seconds": seconds})


async def work(renewals: Renewals) -> None:
    for kind in KINDS:
        await enqueue_due(renewals.services, kind)
    await renewals.work()


async def all_is_quiet(renewals: Renewals) -> None:
    """Nothing goes wrong any more: what is in doubt is asked about, and the lists are walked."""
    await renewals.office.call("PUT", "/faults", [])
    for hours in (0.2, 2, 7, 7, 13, 25):
        await turn(renewals, hours=hours)
        await work(renewals)
        for kind in KINDS:
            await walk_to_the_end(renewals.services, kind)
        await work_off(renewals.services)


async def the_books_agree(renewals: Renewals) -> None:
    """What the provider took and gave back is what we know of, each with its days, and no period was paid twice."""
    database = renewals.database
    assert await rows(database, STILL_OPEN) == []
    assert await rows(database, OPEN_REFUNDS) == []
    assert await taken_by_our_books(renewals) == await taken_by_the_provider(renewals)
    assert await rows(database, WITHOUT_DAYS) == []
    assert await rows(database, RENEWED_TWICE) == []


async def taken_by_our_books(renewals: Renewals) -> Taken:
    return {row["id"]: (row["amount"], row["given_back"]) for row in await rows(renewals.database, TAKEN)}


async def taken_by_the_provider(renewals: Renewals) -> Taken:
    given_back = await renewals.office.refunded()
    return {
        one["id"]: (one["amount"]["value"], given_back[one["id"]])
        for one in await renewals.office.payments()
        if one["status"] == "succeeded"
    }


async def charges_of(renewals: Renewals, user: int) -> list[dict[str, Any]]:
    return [charge for charge in await renewals.charges() if charge["user_id"] == user]
