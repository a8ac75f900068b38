"""kill -9 at every boundary of what gives a renewal back: the money goes back once, and takes its days once.

Two payers stand at each boundary: all of the one's money goes back, and half of the other's; or both did not want it.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from billing_service.kit.http import httpx
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.sandbox.app import Sandbox
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import Running, a_worker, an_api, listening
from tests.bad_days.standstill import Fate, killed_in, standstill
from tests.bad_days.test_kills import ON_THE_WIRE, another_worker_takes_over, the_provider_has_the_call
from tests.bad_days.test_kills_of_refunds import IN_THE_REFUND
from tests.forked import billing_service
from tests.ledger import days_granted, rows, spans_lie_end_to_end, value
from tests.renewals.actors import Renewals
from tests.renewals.conftest import api, renewals, renewing
from tests.renewals.crowds import a_crowd_is_due, charges_of, the_books_agree, turn, work
from tests.stage import RENEWING, USER
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION

__all__ = ["api", "renewals", "renewing"]

ALL, HALF = USER, USER + 1
SWITCHED_OFF, BOUGHT = USER, USER + 1
AMOUNTS = {ALL: None, HALF: "149.50"}
WISH = {"author": "support", "reason": "сбой 4711"}
LOST = ("the call never arrives", "the provider has decided, its answer is on its way")
# Of what nobody asked for, the service itself is the author.
IN_THE_GIVING_BACK = {
    name: IN_THE_REFUND[name]
    for name in (
        "inside the block that makes the refund",
        "after that block, before the call",
        "with the answer, before it is written down",
        "as the access is cut",
    )
}
REFUNDS = """
    SELECT p.user_id, r.status, r.amount::text AS amount, r.author, r.applied_at IS NOT NULL AS applied
    FROM refunds r JOIN payments p ON p.id = r.payment_id ORDER BY p.user_id
"""
RENEWS = "SELECT user_id FROM subscriptions WHERE auto_renew ORDER BY user_id"


@pytest.fixture
async def api_process(renewals: Renewals, sandbox: Sandbox, tmp_path: Path) -> Any:  # noqa: ANN401 (a fixture)
    settings = renewals.services.settings
    async with (
        listening(sandbox) as yookassa,
        an_api(settings, yookassa, tmp_path, main=billing_service, **RENEWING) as running,
    ):
        yield running


async def two_were_charged(renewals: Renewals) -> None:
    await a_crowd_is_due(renewals, 2)
    await renewals.work()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)


async def refund(renewals: Renewals, process: Running, user: int) -> None:
    [charge] = await charges_of(renewals, user)
    path = f"{process.url}/internal/v1/payments/{charge['id']}/refunds"
    async with process.client() as client:
        with pytest.raises(httpx.TransportError):
            await client.post(path, json=_asked(user), headers={"Idempotency-Key": "one"})


def _asked(user: int) -> dict[str, str]:
    return WISH | ({"amount": "149.50", "access": "cut_prorata"} if user == HALF else {})


async def goes_on(renewals: Renewals) -> None:
    """A minute passes, the operator asks again with his keys; then a day in which nothing goes wrong."""
    await turn(renewals, seconds=61)
    for user in AMOUNTS:
        [charge] = await charges_of(renewals, user)
        path = f"payments/{charge['id']}/refunds"
        answer = await renewals.api.internal("POST", path, _asked(user), Idempotency_Key="one")
        assert answer.status_code == 201, answer.text
    await work(renewals)
    await turn(renewals, hours=25)
    await work(renewals)


@pytest.mark.parametrize(("where", "fate"), IN_THE_REFUND.values(), ids=IN_THE_REFUND)
async def test_an_api_killed_in_a_block_of_a_renewals_refund_sends_it_once(
    api_process: Running, renewals: Renewals, where: str, fate: Fate
) -> None:
    await two_were_charged(renewals)
    refunding = [refund(renewals, api_process, user) for user in AMOUNTS]
    database_url = renewals.services.settings.database_url
    await killed_in(api_process, database_url, where, fate, *refunding, standing=2)

    await goes_on(renewals)

    await all_and_half_went_back_once(renewals)


@pytest.mark.parametrize("fault", [ON_THE_WIRE[name] for name in LOST], ids=LOST)
async def test_an_api_killed_while_a_renewals_refund_is_on_the_wire_sends_it_once(
    api_process: Running, renewals: Renewals, fault: dict[str, object]
) -> None:
    await two_were_charged(renewals)
    lost = {"operation": "create_refund", "count": 2, **fault}
    await renewals.office.call("PUT", "/faults", [lost, *LOSE_EVERY_NOTIFICATION])
    refunding = [asyncio.create_task(refund(renewals, api_process, user)) for user in AMOUNTS]
    await the_provider_has_the_call(renewals.office, calls=2)
    api_process.kill()
    await asyncio.gather(*refunding)

    await goes_on(renewals)

    await all_and_half_went_back_once(renewals)


async def all_and_half_went_back_once(renewals: Renewals) -> None:
    """Who got all of it back is not charged again; who got half of it has half of his days, and renews."""
    await _as_in_the_books(renewals)
    succeeded = {"status": "SUCCEEDED", "author": "support", "applied": True}
    assert await rows(renewals.database, REFUNDS) == [
        {"user_id": ALL, "amount": "299.00"} | succeeded,
        {"user_id": HALF, "amount": "149.50"} | succeeded,
    ]
    assert await days_granted(renewals.database, ALL) == 30
    assert await days_granted(renewals.database, HALF) == 45
    assert await rows(renewals.database, RENEWS) == [{"user_id": HALF}]
    assert len(await renewals.charges()) == 2


@pytest.mark.parametrize(("where", "fate"), IN_THE_GIVING_BACK.values(), ids=IN_THE_GIVING_BACK)
async def test_a_worker_killed_in_a_block_of_giving_an_unwanted_renewal_back_gives_it_back_once(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path, where: str, fate: Fate
) -> None:
    await two_are_unwanted(renewals)
    settings = renewals.services.settings
    async with (
        standstill(settings.database_url, where) as gate,
        listening(sandbox) as yookassa,
        a_worker(settings, yookassa, tmp_path, **RENEWING) as worker,
    ):
        await enqueue_due(renewals.services, PAYMENTS)
        await gate.reached(2)
        worker.kill()
        await gate.meet(fate)

    await another_worker_takes_over(renewals.services, renewals.database)
    for by in ({"seconds": 61}, {"hours": 25}):
        await turn(renewals, **by)
        await work(renewals)

    await both_were_given_back_once(renewals)


async def two_are_unwanted(renewals: Renewals) -> None:
    """Both charges have left and nobody knows what became of them: the one payer switched renewal off, the other has
    bought by hand."""
    await a_crowd_is_due(renewals, 2)
    await renewals.office.call("PUT", "/faults", [*LOSE_EVERY_ANSWER, *LOSE_EVERY_NOTIFICATION])
    await renewals.work()
    answer = await renewals.api.post("subscription/autorenew/", {"enabled": False}, SWITCHED_OFF)
    assert answer.json()["charge_in_flight"]
    await turn(renewals, minutes=11)
    await renewals.office.call("PUT", "/faults", [])
    bought = await renewals.api.buy("PRO_MONTHLY", BOUGHT)
    await renewals.office.pay(bought)
    await turn(renewals, minutes=11)
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)


async def both_were_given_back_once(renewals: Renewals) -> None:
    await _as_in_the_books(renewals)
    given_back = {"status": "SUCCEEDED", "amount": "299.00", "author": "system", "applied": True}
    assert await rows(renewals.database, REFUNDS) == [
        {"user_id": SWITCHED_OFF} | given_back,
        {"user_id": BOUGHT} | given_back,
    ]
    assert await days_granted(renewals.database, SWITCHED_OFF) == 30
    assert await days_granted(renewals.database, BOUGHT) == 60
    assert await rows(renewals.database, RENEWS) == [{"user_id": BOUGHT}]
    assert len(await renewals.charges()) == 2


async def _as_in_the_books(renewals: Renewals) -> None:
    await the_books_agree(renewals)
    assert await broken_rules(renewals.database) == {}
    assert await spans_lie_end_to_end(renewals.database)
    assert await value(renewals.database, "SELECT count(*) FROM payments WHERE surplus_of IS NOT NULL") == 0
