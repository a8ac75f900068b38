"""Whatever goes wrong, whoever acts at the same instant: no payer is charged twice, and no charge is lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from sqlalchemy import text

from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls import asking
from billing_service.renewals import looking
from tests.ledger import rows, value
from tests.payment_methods.cards import delete, refuse
from tests.renewals.actors import Renewals
from tests.renewals.crowds import (
    a_crowd_is_due,
    all_is_quiet,
    charges_of,
    taken_by_the_provider,
    the_books_agree,
    turn,
    work,
)
from tests.renewals.multiplied import all_due_at_once

STEPS = ({"minutes": 10}, {"hours": 6}, {"hours": 30})
ANSWERS = ("lost_before", "lost_after", "error_500", "slow", "drop", "processing")
CALLS = ("create_payment", "get_payment", "get_payment_method", "create_refund", "list_payments")
NOTIFIED = ("lose", "double")
BOUGHT_AFTERWARDS = """
    SELECT bought.id FROM payments bought
        JOIN payments renewal ON renewal.user_id = bought.user_id AND renewal.is_recurring
        JOIN subscription_periods renewed ON renewed.payment_id = renewal.id
    WHERE NOT bought.is_recurring AND bought.status = 'SUCCEEDED' AND bought.created_at > renewed.granted_at
"""
DAYS_UNLIKE_MONEY = """
    SELECT user_id FROM payments p WHERE status = 'SUCCEEDED'
        AND amount > coalesce((SELECT sum(amount) FROM refunds WHERE payment_id = p.id AND status = 'SUCCEEDED'), 0)
    GROUP BY user_id HAVING count(*) * interval '30 days' IS DISTINCT FROM (
        SELECT sum(upper(span) - lower(span)) FROM subscription_periods s WHERE s.user_id = p.user_id)
"""
SLOW_CHARGES = [{"operation": "create_payment", "fault": "slow", "seconds": 0.05, "when": "after"}]
STOP = {"charging": False, "author": "owner", "reason": "проверка"}
IN_A_BATCH = 4

SayNo = Callable[[Renewals, int], Awaitable[dict[str, Any]]]


def thrown_faults(dice: random.Random) -> list[dict[str, object]]:
    """Some calls fail in some way half of the time; some notifications are lost, or come twice."""
    broken = [
        {"operation": call, "fault": dice.choice(ANSWERS), "probability": 0.5, "seconds": 0.01}
        for call in dice.sample(CALLS, 3)
    ]
    return [*broken, {"operation": "notification", "fault": dice.choice(NOTIFIED), "probability": 0.6}]


async def killed_somewhere(work: Awaitable[object], dice: random.Random) -> None:
    """Its process dies at one of its awaits, or just after it."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(dice.random() * 0.04)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def looks_twice(renewals: Renewals, user: int, dice: random.Random) -> None:
    async with asyncio.TaskGroup() as workers:
        for _ in range(2):
            one = looking.look(renewals.services, user)
            workers.create_task(killed_somewhere(one, dice) if dice.random() < 0.5 else one)


async def asks_and_dies(renewals: Renewals, user: int, dice: random.Random) -> None:
    for charge in await charges_of(renewals, user):
        await killed_somewhere(asking.ask(renewals.services, PAYMENTS, charge["id"]), dice)


async def buys(renewals: Renewals, user: int, _dice: random.Random) -> None:
    """By hand, if the service lets him, and pays at once, unless he has paid that checkout already."""
    answer = await renewals.api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, user)
    if answer.status_code != HTTPStatus.CREATED:
        return
    unpaid = {one["id"] for one in await renewals.office.payments() if one["status"] == "pending"}
    if answer.json()["yookassa_payment_id"] in unpaid:
        await renewals.office.pay(answer.json())


async def switches(renewals: Renewals, user: int, dice: random.Random) -> None:
    await renewals.api.post("subscription/autorenew/", {"enabled": dice.random() < 0.7}, user)


ACTS = (looks_twice, looks_twice, asks_and_dies, buys, switches)


@pytest.mark.slow
async def test_no_storm_charges_twice_or_loses_a_charge(renewals: Renewals, rounds: int) -> None:
    seed = random.randrange(10**9)  # noqa: S311 (it guards nothing)
    print(f"seed {seed}")  # noqa: T201 (so that a failure can be run again)
    dice = random.Random(seed)  # noqa: S311
    users = await a_crowd_is_due(renewals, 6)

    for _ in range(max(min(rounds // 3, 60), 1)):
        await renewals.office.call("PUT", "/faults", thrown_faults(dice))
        acts = [looks_twice, *(dice.choice(ACTS) for _ in users[1:])]
        await asyncio.gather(*(act(renewals, user, dice) for act, user in zip(acts, users, strict=True)))
        await turn(renewals, **dice.choice(STEPS))
        if dice.random() < 0.5:
            await work(renewals)
        await renewals.tell_all()

    await all_is_quiet(renewals)
    await the_books_agree(renewals)
    assert await renewals.charges()


async def test_of_two_workers_and_a_purchase_at_one_instant_one_takes_money(renewals: Renewals) -> None:
    """Fifty of them, each in an order of its own."""
    seed = random.randrange(10**9)  # noqa: S311 (it guards nothing)
    print(f"seed {seed}")  # noqa: T201 (so that a failure can be run again)
    dice = random.Random(seed)  # noqa: S311
    users = await all_due_at_once(renewals, 50)
    before = await taken_by_the_provider(renewals)
    await renewals.office.call("PUT", "/faults", SLOW_CHARGES)

    async def after_a_while(act: Awaitable[object]) -> None:
        await asyncio.sleep(dice.random() * 0.03)
        await act

    for user in users:
        async with asyncio.TaskGroup() as together:
            for _ in range(2):
                together.create_task(after_a_while(looking.look(renewals.services, user)))
            together.create_task(after_a_while(buys(renewals, user, dice)))
    await all_is_quiet(renewals)

    await the_books_agree(renewals)
    assert await rows(renewals.database, DAYS_UNLIKE_MONEY) == []
    taken = await taken_by_the_provider(renewals)
    kept = [one for one in taken if one not in before and taken[one][1] == "0.00"]
    # Who buys after he has seen his renewal succeed wants another month.
    assert len(kept) - len(await rows(renewals.database, BOUGHT_AFTERWARDS)) == len(users)


async def switch_off(renewals: Renewals, user: int) -> dict[str, Any]:
    answer: dict[str, Any] = (
        await renewals.api.post("subscription/autorenew/", {"enabled": False}, user)
    ).json()
    return answer


async def refuse_card(renewals: Renewals, user: int) -> dict[str, Any]:
    return await refuse(renewals.api, user)


async def withdraw(renewals: Renewals, user: int) -> dict[str, Any]:
    [given] = (await renewals.api.get("consents/", user)).json()["results"]
    answer = await delete(renewals.api, f"consents/{given['consent_id']}/", user)
    assert answer.status_code == 200, answer.text
    taken_back: dict[str, Any] = answer.json()
    return taken_back


async def take_all_back(renewals: Renewals, user: int) -> dict[str, Any]:
    [bought] = (await renewals.api.get("payments/", user)).json()["results"][-1:]
    assert (await renewals.api.refund({"payment_id": bought["id"]})).status_code == 201
    return {}


WAYS: Sequence[SayNo] = (switch_off, refuse_card, withdraw, take_all_back)


@pytest.mark.slow
async def test_who_says_no_in_the_last_instant_is_not_charged_or_gets_it_back(
    renewals: Renewals, rounds: int
) -> None:
    users = await a_crowd_is_due(renewals, max(min(rounds // 2, 100), len(WAYS)))
    # The provider takes its time: so the no comes before, in the middle of, and after the charge.
    await renewals.office.call("PUT", "/faults", SLOW_CHARGES)
    named: dict[int, str] = {}
    known: dict[int, list[dict[str, Any]]] = {}

    async def says_no(user: int, say_no: SayNo, seconds: float) -> None:
        await asyncio.sleep(seconds)
        answer = await say_no(renewals, user)
        known[user] = await charges_of(renewals, user)
        if in_flight := answer.get("charge_in_flight"):
            named[user] = in_flight["payment_id"]

    for number, user in enumerate(users):
        no = says_no(user, WAYS[number % 4], number % 3 * 0.02)
        await asyncio.gather(looking.look(renewals.services, user), no)
    await all_is_quiet(renewals)

    await the_books_agree(renewals)
    given_back = await renewals.office.refunded()
    for user in users:
        charges = await charges_of(renewals, user)
        assert [one["id"] for one in charges] == [one["id"] for one in known[user]]
        assert named.get(user) in {None, *(str(one["id"]) for one in charges)}
        for one in charges:
            if str(one["id"]) == named.get(user):
                assert given_back[one["yookassa_payment_id"]] == one["amount"]
    assert len(await renewals.office.payments()) == len(users) + len(await renewals.charges())


async def test_a_no_after_a_request_that_never_arrived_is_never_sent_again(renewals: Renewals) -> None:
    users = await a_crowd_is_due(renewals, len(WAYS))
    await renewals.office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await renewals.work()
    for user, say_no in zip(users, WAYS, strict=True):
        await say_no(renewals, user)
    sent = len(await renewals.office.creations())

    await all_is_quiet(renewals)

    assert len(await renewals.office.creations()) == sent
    assert [charge["status"] for charge in await renewals.charges()] == ["FAILED"] * len(WAYS)
    await the_books_agree(renewals)


@pytest.mark.slow
async def test_after_a_stop_is_answered_no_look_that_begins_takes_money(
    renewals: Renewals, rounds: int
) -> None:
    users = await a_crowd_is_due(renewals, max(min(rounds // 2, 48), 9))
    begun: set[int] = set()
    at_once, one_is_done, is_stopped = asyncio.Semaphore(IN_A_BATCH), asyncio.Event(), asyncio.Event()

    async def look(user: int) -> None:
        if user in users[-3:]:
            await is_stopped.wait()
        async with at_once:
            begun.add(user)
            await looking.look(renewals.services, user)
            one_is_done.set()

    batch = [asyncio.create_task(look(user)) for user in users]
    await one_is_done.wait()
    assert (await renewals.api.internal("PUT", "charging/", STOP)).status_code == 200
    begun_before = set(begun)
    is_stopped.set()
    await asyncio.gather(*batch)

    charged = {charge["user_id"] for charge in await renewals.charges()}
    assert charged
    assert charged <= begun_before
    await all_is_quiet(renewals)
    assert {charge["user_id"] for charge in await renewals.charges()} == charged
    await the_books_agree(renewals)


async def somebody_waits_for(renewals: Renewals, table: str) -> None:
    waiting = f"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass)"  # noqa: S608
    async with asyncio.timeout(20):
        while True:
            if await value(renewals.database, waiting):
                return
            await asyncio.sleep(0.01)


async def test_a_stop_between_the_decision_and_the_charge_is_no_failure(renewals: Renewals) -> None:
    [user] = await a_crowd_is_due(renewals, 1)
    async with renewals.database.engine.begin() as held:
        await held.execute(text("LOCK TABLE renewal_hours IN EXCLUSIVE MODE"))
        look = asyncio.create_task(looking.look(renewals.services, user))
        await somebody_waits_for(renewals, "renewal_hours")
        assert (await renewals.api.internal("PUT", "charging/", STOP)).status_code == 200

    await look

    assert await renewals.charges() == []
    assert (await renewals.api.internal("PUT", "charging/", STOP | {"charging": True})).status_code == 200
    await renewals.pass_time(minutes=16)
    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]
