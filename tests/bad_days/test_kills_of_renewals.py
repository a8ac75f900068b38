"""kill -9 at every boundary of a renewal: another worker goes on, and it is one notice, one charge, one span of days.

A worker is stopped where it is to die, as in `test_kills`. Two subscribers stand there: one can pay, the other's bank
declines. Nothing is ever notified. What becomes of it when nobody works for a day is seen in `tests/crash_points`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from billing_service.renewals import looking
from billing_service.sandbox.app import Sandbox
from tests.bad_days.invariants import MISLAID, broken_rules
from tests.bad_days.processes import Running, a_worker, listening
from tests.bad_days.standstill import FINISHED, UNDONE, Fate, killed_in, standstill
from tests.bad_days.test_kills import ON_THE_WIRE, another_worker_takes_over, the_provider_has_the_call
from tests.events.receiver import SECRET, Json, Receiver, Says, deliver, receiving, told_of
from tests.ledger import days_granted, rows, value
from tests.renewals.actors import Renewals
from tests.renewals.conftest import api, renewals, renewing
from tests.renewals.crowds import UNTIL_IT_IS_DUE, a_crowd_is_told, charges_of, the_books_agree, turn
from tests.stage import RENEWING, USER
from tests.stories.silence import LOSE_EVERY_NOTIFICATION

__all__ = ["api", "renewals", "renewing"]

PAYER, POOR = USER, USER + 1
NO_MONEY = "insufficient_funds"
AS_COMMITTED = "CONSTRAINT TRIGGER {{}} AFTER {} DEFERRABLE INITIALLY DEFERRED"
# Where the worker stands when it is killed -> what becomes of the statement it stood in.
IN_THE_NOTICE = {
    "before the notice is written": ("TRIGGER {} BEFORE INSERT ON renewal_notices", UNDONE),
    "as the notice is committed": (AS_COMMITTED.format("INSERT ON renewal_notices"), FINISHED),
    "after the commit, before the job is deleted": ("TRIGGER {} BEFORE DELETE ON pgqueuer", UNDONE),
}
IN_THE_TELLING = {
    "with the receiver's answer, before it is written down": (
        "TRIGGER {} BEFORE UPDATE OF told_at ON renewal_notices",
        UNDONE,
    ),
    "as the receiver's answer is committed": (
        AS_COMMITTED.format("UPDATE OF told_at ON renewal_notices"),
        FINISHED,
    ),
}
# Of those who are about to be charged one comes so far, and the other waits for him.
IN_THE_ATTEMPT = {
    "before the attempt is written": ("TRIGGER {} BEFORE INSERT ON payments", UNDONE, 1),
    "after its commit, before the request": (AS_COMMITTED.format("INSERT ON payments"), FINISHED, 1),
    "with the answer, before it is written down": (
        "TRIGGER {} BEFORE UPDATE OF yookassa_payment_id ON payments",
        UNDONE,
        2,
    ),
    "as the outcome is committed": (
        AS_COMMITTED.format("UPDATE OF yookassa_payment_id ON payments"),
        FINISHED,
        2,
    ),
    # The library deletes what is done in one statement.
    "after the commit, before the job is deleted": ("TRIGGER {} BEFORE DELETE ON pgqueuer", UNDONE, 1),
}
# A lease ends; twice an hour passes, after each of which lists may prove that it never arrived.
ROUNDS = ({"minutes": 1.1}, {"hours": 1.1}, {"hours": 1.1})
UPCOMING = "subscription.renewal_upcoming"
TOLD = "SELECT told_at IS NOT NULL AS told FROM renewal_notices"
KINDS_TOLD = """
    SELECT kind, count(*) AS times FROM outbox_events
    WHERE user_id = :user AND data ->> 'payment_id' = :payment GROUP BY kind
"""


@asynccontextmanager
async def a_renewing_worker(
    renewals: Renewals, sandbox: Sandbox, folder: Path, **more: str
) -> AsyncIterator[Running]:
    """A process; before it starts, all is done that it would do half of while the test waits for the other half."""
    async with (
        listening(sandbox) as yookassa,
        a_worker(renewals.services.settings, yookassa, folder, **RENEWING | more) as worker,
    ):
        yield worker


async def two_are_told(renewals: Renewals) -> None:
    await a_crowd_is_told(renewals, 2)
    [bought] = [one for one in await renewals.office.payments() if one["metadata"]["user_id"] == str(POOR)]
    await renewals.office.call("PATCH", f"/payment_methods/{bought['id']}", {"decline_reason": NO_MONEY})
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)


async def killed_at(
    worker: Running,
    renewals: Renewals,
    where: str,
    fate: Fate,
    *,
    standing_there: int = 1,
    **until_due: float,
) -> None:
    database_url, due = renewals.services.settings.database_url, falls_due(renewals, **until_due)
    await killed_in(worker, database_url, where, fate, due, standing=standing_there)


async def falls_due(renewals: Renewals, **until_due: float) -> None:
    """Now, and not a moment before: the worker is at work, and looks by itself too."""
    await turn(renewals, **until_due)
    await looking.enqueue_due(renewals.services)


async def goes_on(renewals: Renewals) -> None:
    """Another worker does, with whom nothing goes wrong."""
    await another_worker_takes_over(renewals.services, renewals.database)
    for by in ROUNDS:
        await renewals.pass_time(**by)


@pytest.mark.parametrize(("where", "fate", "standing_there"), IN_THE_ATTEMPT.values(), ids=IN_THE_ATTEMPT)
async def test_a_worker_killed_in_a_block_of_a_charge_charges_once(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, where: str, fate: Fate, standing_there: int
) -> None:
    await two_are_told(renewals)
    async with a_renewing_worker(renewals, sandbox, tmp_path) as worker:
        await killed_at(worker, renewals, where, fate, standing_there=standing_there, **UNTIL_IT_IS_DUE)

    await goes_on(renewals)

    await one_was_charged_once_and_one_declined(renewals)


@pytest.mark.parametrize("fault", ON_THE_WIRE.values(), ids=ON_THE_WIRE)
async def test_a_worker_killed_while_its_charge_is_on_the_wire_charges_once(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, fault: dict[str, object]
) -> None:
    await two_are_told(renewals)
    lost = {"operation": "create_payment", "count": 2, **fault}
    await renewals.office.call("PUT", "/faults", [lost, *LOSE_EVERY_NOTIFICATION])
    async with a_renewing_worker(renewals, sandbox, tmp_path) as worker:
        await falls_due(renewals, **UNTIL_IT_IS_DUE)
        await the_provider_has_the_call(renewals.office, calls=2)
        worker.kill()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)

    await goes_on(renewals)

    await one_was_charged_once_and_one_declined(renewals)


async def one_was_charged_once_and_one_declined(renewals: Renewals) -> None:
    await the_books_agree(renewals)
    assert await broken_rules(renewals.database) == {}
    assert await rows(renewals.database, MISLAID) == []
    [charged] = [one for one in await charges_of(renewals, PAYER) if one["status"] != "FAILED"]
    assert (charged["status"], charged["surplus_of"]) == ("SUCCEEDED", None)
    assert await _by_the_provider(renewals, PAYER) == ["succeeded", "succeeded"]
    assert await days_granted(renewals.database, PAYER) == 60
    told = await _told_of(renewals, charged)
    assert (told.pop("subscription.activated", 0), told.pop("subscription.extended", 0)) in {(0, 1), (1, 0)}
    assert told == {"payment.succeeded": 1}

    declined = [one for one in await charges_of(renewals, POOR) if one["status"] != "FAILED"]
    assert {one["cancellation_reason"] for one in declined} == {NO_MONEY}
    assert await _by_the_provider(renewals, POOR) == ["succeeded", *["canceled"] * len(declined)]
    assert await days_granted(renewals.database, POOR) == 30
    for one in declined:
        assert await _told_of(renewals, one) == {"payment.canceled": 1, "subscription.renewal_failed": 1}
    assert len(await renewals.events(UPCOMING)) == 2


async def _by_the_provider(renewals: Renewals, user: int) -> list[str]:
    """How each payment of this user ended there, the oldest first."""
    return [
        one["status"]
        for one in reversed(await renewals.office.payments())
        if one["metadata"]["user_id"] == str(user)
    ]


async def _told_of(renewals: Renewals, charge: dict[str, Any]) -> dict[str, int]:
    found = await rows(renewals.database, KINDS_TOLD, user=charge["user_id"], payment=str(charge["id"]))
    return {row["kind"]: row["times"] for row in found}


@pytest.mark.parametrize(("where", "fate"), IN_THE_NOTICE.values(), ids=IN_THE_NOTICE)
async def test_a_worker_killed_in_a_block_of_a_notice_writes_one(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, where: str, fate: Fate
) -> None:
    await renewals.subscribe()
    async with a_renewing_worker(renewals, sandbox, tmp_path) as worker:
        await killed_at(worker, renewals, where, fate, days=23, hours=1)

    await another_worker_takes_over(renewals.services, renewals.database)
    await renewals.pass_time(hours=1)

    await one_notice_becomes_one_charge(renewals)


async def one_notice_becomes_one_charge(renewals: Renewals) -> None:
    """Whoever has told the payer by then, or tells him now."""
    assert len(await rows(renewals.database, TOLD)) == len(await renewals.events(UPCOMING)) == 1
    await renewals.tell()
    await renewals.pass_time(days=5, hours=21)
    assert await renewals.charges() == []
    await renewals.pass_time(hours=4)
    assert [one["status"] for one in await renewals.charges()] == ["SUCCEEDED"]
    assert len(await rows(renewals.database, TOLD)) == len(await renewals.events(UPCOMING)) == 1
    assert await broken_rules(renewals.database) == {}


@pytest.mark.parametrize(("where", "fate"), IN_THE_TELLING.values(), ids=IN_THE_TELLING)
async def test_a_worker_killed_with_the_word_that_the_payer_was_told_keeps_one_word(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, where: str, fate: Fate
) -> None:
    async with a_payer_is_told_of(renewals) as receiver:
        async with (
            standstill(renewals.services.settings.database_url, where) as gate,
            a_renewing_worker(renewals, sandbox, tmp_path, **_to(receiver)) as worker,
        ):
            await gate.reached()
            worker.kill()
            await gate.meet(fate)

        await told_once(renewals, receiver)


async def test_a_worker_killed_before_the_receiver_answers_tells_of_the_same_notice_again(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with a_payer_is_told_of(renewals) as receiver:
        answer, asked, is_dead = receiver.answer, asyncio.Event(), asyncio.Event()

        async def too_late(event: Json) -> Says:
            asked.set()
            await is_dead.wait()
            return await answer(event)

        receiver.answer = too_late
        async with a_renewing_worker(renewals, sandbox, tmp_path, **_to(receiver)) as worker:
            await asyncio.wait_for(asked.wait(), 30)
            worker.kill()
        is_dead.set()
        receiver.answer = answer

        await told_once(renewals, receiver)


@asynccontextmanager
async def a_payer_is_told_of(renewals: Renewals) -> AsyncIterator[Receiver]:
    """A notice is written; who hears of it says that the payer was told. Everything before it was delivered."""
    async with receiving() as receiver:

        async def answer(event: Json) -> Says:
            delivered = {"delivered": {"channel": "telegram", "at": event["occurred_at"]}}
            return Says(body=str(delivered).replace("'", '"').encode())

        receiver.answer = answer
        await renewals.subscribe()
        await deliver(told_of(renewals.services, receiver))
        await renewals.pass_time(days=23, hours=1)
        yield receiver


def _to(receiver: Receiver) -> dict[str, str]:
    return {"EVENTS_URL": receiver.url, "EVENTS_SECRETS": SECRET}


async def told_once(renewals: Renewals, receiver: Receiver) -> None:
    """The dead one's lease ends, another worker delivers; one notice under one id, whose payer was told."""
    await turn(renewals, seconds=31)
    await deliver(told_of(renewals.services, receiver))
    assert len({event["id"] for event in receiver.heard if event["type"] == UPCOMING}) == 1
    assert await value(renewals.database, "SELECT told_at IS NOT NULL FROM renewal_notices") is True
    await one_notice_becomes_one_charge(renewals)
