"""kill -9 at every boundary of checkout and settle: another process goes on, and it comes out as if nothing had been.

A process is stopped where it is to die: in the database by a trigger that waits, on the wire by a slow provider. What
goes on afterwards runs in the process of the test.
"""

import asyncio

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.bad_days.invariants import MISLAID, broken_rules
from tests.bad_days.processes import Running
from tests.bad_days.standstill import FINISHED, UNDONE, Fate, killed_in
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import pass_time

MONTH = {"plan_code": "PRO_MONTHLY"}
# Where the process stands when it is killed -> what becomes of the statement it stood in: PostgreSQL undoes it, or has
# not noticed yet that nobody listens, and finishes it.
IN_THE_CHECKOUT = {
    "inside the block that makes the payment": ("TRIGGER {} BEFORE INSERT ON payments", UNDONE),
    # Whoever inserts has claimed it: that block is over when it is committed.
    "after that block, before the call": (
        "CONSTRAINT TRIGGER {} AFTER INSERT ON payments DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
    "with the answer, before it is written down": (
        "TRIGGER {} BEFORE UPDATE OF yookassa_payment_id ON payments",
        UNDONE,
    ),
    "as the outcome is committed": (
        "CONSTRAINT TRIGGER {} AFTER UPDATE OF yookassa_payment_id ON payments DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
}
ON_THE_WIRE = {
    "the call never arrives": {"fault": "lost_before", "seconds": 1},
    "the provider decides after our death": {"fault": "slow", "seconds": 1},
    "the provider has decided, its answer is on its way": {"fault": "slow", "seconds": 1, "when": "after"},
}
IN_THE_SETTLING = {
    "between the fetch and the block": ("TRIGGER {} BEFORE UPDATE OF status ON payments", UNDONE),
    "with everything written": ("TRIGGER {} BEFORE UPDATE OF processed_at ON webhook_logs", UNDONE),
    "as the block is committed": (
        "CONSTRAINT TRIGGER {} AFTER INSERT ON subscription_periods DEFERRABLE INITIALLY DEFERRED",
        FINISHED,
    ),
    "after the commit, before the job is deleted": ("TRIGGER {} BEFORE DELETE ON pgqueuer", UNDONE),
}


@pytest.mark.parametrize(("where", "fate"), IN_THE_CHECKOUT.values(), ids=IN_THE_CHECKOUT)
async def test_an_api_killed_in_a_block_of_the_checkout_makes_one_payment_in_the_end(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    where: str,
    fate: Fate,
) -> None:
    await killed_in(api_process, services.settings.database_url, where, fate, _buy(api_process))

    await _goes_on_and_is_paid(api, office, services, clock)

    await _it_is_as_if_nothing_had_been(office, database)


@pytest.mark.parametrize("fault", ON_THE_WIRE.values(), ids=ON_THE_WIRE)
async def test_an_api_killed_while_its_call_is_on_the_wire_makes_one_payment_in_the_end(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    fault: dict[str, object],
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "count": 1, **fault}])
    buying = asyncio.create_task(_buy(api_process))
    await the_provider_has_the_call(office)
    api_process.kill()
    await buying

    await _goes_on_and_is_paid(api, office, services, clock)

    await _it_is_as_if_nothing_had_been(office, database)


@pytest.mark.parametrize(("where", "fate"), IN_THE_SETTLING.values(), ids=IN_THE_SETTLING)
async def test_a_worker_killed_in_a_block_of_the_settling_grants_once(
    worker_process: Running,
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    where: str,
    fate: Fate,
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await killed_in(worker_process, services.settings.database_url, where, fate, office.pay(payment))

    await another_worker_takes_over(services, database)

    await _it_is_as_if_nothing_had_been(office, database)
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'") == 0
    assert await rows(database, "SELECT status FROM webhook_logs") == [{"status": "SUCCESS"}]


async def test_a_worker_killed_while_it_asks_the_provider_loses_no_notification(
    worker_process: Running, api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.call(
        "PUT", "/faults", [{"operation": "get_payment", "count": 1, "fault": "slow", "seconds": 1}]
    )
    await office.pay(payment)
    await the_provider_has_the_call(office)
    worker_process.kill()

    await another_worker_takes_over(services, database)

    await _it_is_as_if_nothing_had_been(office, database)


async def _buy(killed_meanwhile: Running) -> None:
    async with killed_meanwhile.client() as client:
        with pytest.raises(httpx.TransportError):
            await client.post("create-payment/", json=MONTH)


async def the_provider_has_the_call(office: BackOffice, calls: int = 1) -> None:
    """And a fault has struck it, or so many of them."""
    async with asyncio.timeout(30):
        while await _calls_with_a_fault(office) < calls:  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.02)


async def _calls_with_a_fault(office: BackOffice) -> int:
    return sum(bool(one.get("fault")) for one in (await office.call("GET", "/requests"))["results"])


async def _goes_on_and_is_paid(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    """A minute passes, the caller asks again, the payer pays: whatever was left lying is picked up."""
    await pass_time(clock, office, services, seconds=61)
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)


async def another_worker_takes_over(services: Services, database: Database) -> None:
    """The dead one's heartbeat is old by then."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE pgqueuer SET heartbeat = heartbeat - interval '1 minute'"))
    await work_off(services)


async def _it_is_as_if_nothing_had_been(office: BackOffice, database: Database) -> None:
    assert [one["status"] for one in await office.payments()] == ["succeeded"]
    assert await rows(database, "SELECT status FROM payments") == [{"status": "SUCCEEDED"}]
    assert await days_granted(database, USER) == 30
    assert await rows(database, MISLAID) == []
    assert await broken_rules(database) == {}
