"""kill -9 at every boundary of a refund: another process goes on, and it is one refund, with one effect on access.

A process is stopped where it is to die, as in `test_kills`.
"""

import asyncio
from typing import Any

import pytest

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payments.calls import PAYMENTS
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from tests.bad_days.invariants import MISLAID, broken_rules
from tests.bad_days.processes import Running
from tests.bad_days.standstill import FINISHED, UNDONE, Fate, killed_in
from tests.bad_days.test_kills import ON_THE_WIRE, another_worker_takes_over, the_provider_has_the_call
from tests.ledger import rows, value
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, pass_time, walk_to_the_end

GRANTED_AND_IDLE = """
    SELECT EXISTS (SELECT FROM subscription_periods) AND NOT EXISTS (SELECT FROM pgqueuer WHERE status <> 'exception')
"""
WISH = {"access": "cut_prorata", "author": "support", "reason": "сбой 4711"}
IN_THE_REFUND = {
    "inside the block that makes the refund": ("TRIGGER {} BEFORE INSERT ON refunds", UNDONE),
    "after that block, before the call": (
        "CONSTRAINT TRIGGER {} AFTER INSERT ON refunds DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
    "with the answer, before it is written down": (
        "TRIGGER {} BEFORE UPDATE OF yookassa_refund_id ON refunds",
        UNDONE,
    ),
    "as the access is cut": ("TRIGGER {} BEFORE UPDATE OF cut ON subscription_periods", UNDONE),
    "as the outcome is committed": (
        "CONSTRAINT TRIGGER {} AFTER UPDATE OF status ON refunds DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
}
IN_THE_SETTLING = {
    "before the refund of the cabinet is written down": ("TRIGGER {} BEFORE INSERT ON refunds", UNDONE),
    "as the access is cut": ("TRIGGER {} BEFORE UPDATE OF cut ON subscription_periods", UNDONE),
    "as its effect is committed": (
        "CONSTRAINT TRIGGER {} AFTER UPDATE OF applied_at ON refunds DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
    "after the commit, before the job is deleted": ("TRIGGER {} BEFORE DELETE ON pgqueuer", UNDONE),
}


@pytest.mark.parametrize(("where", "fate"), IN_THE_REFUND.values(), ids=IN_THE_REFUND)
async def test_an_api_killed_in_a_block_of_a_refund_of_which_nobody_is_told_sends_it_once(
    api_process: Running,
    api: MainBackend,
    paid: dict[str, Any],
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    where: str,
    fate: Fate,
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await killed_in(api_process, services.settings.database_url, where, fate, _refund(api_process, paid))

    await _goes_on(api, paid, office, services, clock)

    await _half_went_back_once(office, database)


@pytest.mark.parametrize("fault", ON_THE_WIRE.values(), ids=ON_THE_WIRE)
async def test_an_api_killed_while_its_refund_is_on_the_wire_sends_it_once(
    api_process: Running,
    api: MainBackend,
    paid: dict[str, Any],
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    fault: dict[str, object],
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_refund", "count": 1, **fault}])
    refunding = asyncio.create_task(_refund(api_process, paid))
    await the_provider_has_the_call(office)
    api_process.kill()
    await refunding

    await _goes_on(api, paid, office, services, clock)

    await _half_went_back_once(office, database)


@pytest.mark.parametrize(("where", "fate"), IN_THE_SETTLING.values(), ids=IN_THE_SETTLING)
async def test_a_worker_killed_in_a_block_of_a_refund_of_the_cabinet_cuts_once(
    worker_process: Running,
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    where: str,
    fate: Fate,
) -> None:
    paid = await api.buy("PRO_MONTHLY")
    await office.pay(paid)
    await _until_granted(database)
    await killed_in(worker_process, services.settings.database_url, where, fate, office.refund(paid))

    await another_worker_takes_over(services, database)

    assert await rows(database, "SELECT status, access, applied_at IS NOT NULL AS applied FROM refunds") == [
        {"status": "SUCCEEDED", "access": "cut_all", "applied": True}
    ]
    assert await value(database, "SELECT count(*) FROM subscription_periods WHERE upper(span) > now()") == 0
    assert await broken_rules(database) == {}


async def _refund(killed_meanwhile: Running, paid: dict[str, Any]) -> None:
    path = f"{killed_meanwhile.url}/internal/v1/payments/{paid['payment_id']}/refunds"
    async with killed_meanwhile.client() as client:
        with pytest.raises(httpx.TransportError):
            await client.post(path, json={"amount": "149.50"} | WISH, headers={"Idempotency-Key": "one"})


async def _goes_on(
    api: MainBackend, paid: dict[str, Any], office: BackOffice, services: Services, clock: Clock
) -> None:
    """A minute passes, the operator asks again with his key; what was left lying is picked up."""
    await pass_time(clock, office, services, seconds=61)
    answer = await api.refund(paid, "149.50", key="one", **WISH)
    assert answer.status_code == 201, answer.text
    for kind in (PAYMENTS, REFUNDS):
        await walk_to_the_end(services, kind)
    await work_off(services)


async def _until_granted(database: Database) -> None:
    async with asyncio.timeout(30):
        while not await value(database, GRANTED_AND_IDLE):  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.05)


async def _half_went_back_once(office: BackOffice, database: Database) -> None:
    assert list((await office.refunded()).values()) == ["149.50"]
    assert await rows(
        database, "SELECT status, amount::text, access_cut = interval '15 days' AS half FROM refunds"
    ) == [{"status": "SUCCEEDED", "amount": "149.50", "half": True}]
    assert await value(database, "SELECT sum(cut) = interval '15 days' FROM subscription_periods")
    assert await rows(database, MISLAID) == []
    assert await broken_rules(database) == {}
