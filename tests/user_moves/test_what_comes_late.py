"""What YooKassa says of a payment while its user becomes another number lands there, once, whoever was first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.kinds import record
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.matching import row_for
from billing_service.services import Services
from billing_service.user_moves import service as user_moves
from tests.bad_days.invariants import broken_rules
from tests.ledger import rows, value
from tests.stage import BackOffice, MainBackend, work_off
from tests.usage.locking import HeldUp
from tests.user_moves.moving import NEW, OLD, WISH, ahead, give, move

HIS_MONEY = "SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE"
MONEY_OF = "SELECT FROM subscriptions WHERE user_id = ANY($1) FOR UPDATE"
Report = Callable[[], Awaitable[object]]


@pytest.fixture
async def worker(services: Services, settings: Settings) -> AsyncIterator[Services]:
    """Another process: it waits in no line of the one that moves."""
    statements = StatementPool(settings.database_url, pool_size=4)
    yield replace(services, statements=statements)
    await statements.close()


async def late_success(api: MainBackend, office: BackOffice, worker: Services) -> Report:
    """A payment that was declined, as it was told, has succeeded after all."""
    bought = await api.buy(user=OLD)
    seen = await worker.yookassa.get_payment(bought["yookassa_payment_id"])
    declined = {
        "status": "canceled",
        "cancellation_party": "yoo_money",
        "cancellation_reason": "fraud_suspected",
    }
    await record(worker, PAYMENTS, UUID(bought["payment_id"]), seen.model_copy(update=declined))
    await office.call("POST", f"/payments/{bought['yookassa_payment_id']}/pay", {})
    paid = await worker.yookassa.get_payment(bought["yookassa_payment_id"])
    return lambda: record(worker, PAYMENTS, UUID(bought["payment_id"]), paid)


async def late_refund(api: MainBackend, office: BackOffice, worker: Services) -> Report:
    """All of a payment goes back in the provider's cabinet."""
    bought = await api.buy(user=OLD)
    await office.pay(bought)
    await work_off(worker)
    made = await office.call("POST", f"/payments/{bought['yookassa_payment_id']}/refund", {})
    seen = await worker.yookassa.get_refund(made["id"])
    async with worker.statements.transaction() as tx:
        refund_id = await row_for(tx, seen, UUID(bought["payment_id"]))
    return lambda: record(worker, REFUNDS, refund_id, seen)


@pytest.mark.parametrize(("happens", "days"), [(late_success, 40), (late_refund, 10)])
@pytest.mark.parametrize("moves_first", [True, False])
async def test_it_lands_at_the_new_number_once(
    api: MainBackend,
    office: BackOffice,
    worker: Services,
    settings: Settings,
    database: Database,
    happens: Callable[[MainBackend, BackOffice, Services], Awaitable[Report]],
    days: int,
    moves_first: bool,
) -> None:
    await give(api, NEW, 10)
    report = await happens(api, office, worker)

    # Whoever is first holds the old number's money, and waits for the rest: the other one has read whose it is.
    theirs = (HIS_MONEY, NEW) if moves_first else ("LOCK TABLE outbox_events IN EXCLUSIVE MODE",)
    async with HeldUp.at(settings, *theirs) as held_up:
        first, second = (move(api), report()) if moves_first else (report(), move(api))
        tasks = [asyncio.ensure_future(first)]
        await held_up.until(waiting=1)
        tasks.append(asyncio.ensure_future(second))
        await held_up.until(waiting=2)
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)

    assert await rows(database, "SELECT DISTINCT user_id FROM payments") == [{"user_id": NEW}]
    assert (
        await value(database, "SELECT count(*) FROM subscription_periods WHERE payment_id IS NOT NULL") == 1
    )
    assert abs(timedelta(days=days) - await ahead(database, NEW)) < timedelta(minutes=1)
    assert await ahead(database, OLD) == timedelta(0)
    assert await broken_rules(database) == {}


async def test_two_processes_that_move_two_users_into_each_other_wait_in_no_circle(
    api: MainBackend, worker: Services, settings: Settings, database: Database
) -> None:
    """Were either to lock first whom it moves, both would hold what the other one waits for."""
    await give(api, OLD, 10)
    await give(api, NEW, 10)
    deed = Deed("cli", **WISH, request_id="")

    async with HeldUp.at(settings, MONEY_OF, [OLD, NEW]) as held_up:
        tasks = [
            asyncio.ensure_future(move(api, OLD, NEW)),
            asyncio.ensure_future(user_moves.move(worker, NEW, OLD, deed)),
        ]
        await held_up.until(waiting=2)
    await asyncio.gather(*tasks)

    assert await value(database, "SELECT count(*) FROM user_moves") == 2
    assert await value(database, "SELECT count(DISTINCT user_id) FROM subscription_periods") == 1
    assert await broken_rules(database) == {}


async def test_what_is_reported_after_the_move_lands_at_the_new_number(
    api: MainBackend, office: BackOffice, worker: Services, database: Database
) -> None:
    await give(api, NEW, 10)
    report = await late_success(api, office, worker)
    assert (await move(api)).status_code == 200

    await report()
    await report()

    assert timedelta(days=40) - await ahead(database, NEW) < timedelta(minutes=1)
    assert await broken_rules(database) == {}
