"""A day that is too long for one step is audited all the same, whoever is stopped on the way or works beside."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_service.daily_audits import queries
from billing_service.kit.db import Database
from billing_service.operations import daily_audit
from billing_service.operations.books import ASKED_AT_ONCE
from billing_service.operations.daily_audit import MONEY, SETTLED_AFTER, Report, audit_due
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from billing_service.timetable import SCHEDULES
from billing_service.yookassa.client import YookassaClient
from tests.daily_audit.long_day import FOREIGN, GAPS, PAYMENTS, GarbledList, fill, payment_id
from tests.ledger import rows, value
from tests.stage import BackOffice, Clock, MainBackend, in_process, work_off

SIDES = "SELECT * FROM daily_audit_sides ORDER BY kind"
REPORTS = "SELECT report FROM daily_audits WHERE NOT is_full ORDER BY id"


@pytest.fixture
async def long_day(
    api: MainBackend,
    office: BackOffice,
    sandbox: Sandbox,
    services: Services,
    database: Database,
    clock: Clock,
) -> AsyncIterator[Services]:
    """The day is over; its first payment and refund were made as usual."""
    bought = await api.buy()
    await office.pay(bought)
    await work_off(services)
    await api.refund(bought, "100.00")
    state = sandbox.yookassa.state
    payment, refund = next(iter(state.payments.values())), next(iter(state.refunds.values()))
    until_settled = await fill(database, state, payment, refund)
    await clock.advance(seconds=until_settled.total_seconds())
    async with YookassaClient(
        shop_id=services.settings.shop_id,
        secret_key=services.settings.api_key.get_secret_value(),
        api_url=services.settings.yookassa_api_url,
        transport=GarbledList(in_process(sandbox.app)),
    ) as client:
        yield replace(services, yookassa=client)


async def in_one_go(services: Services) -> Report:
    return await daily_audit.audit(services, day=None, is_full=False, tell=lambda _: None)


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says of the money; in which order is no matter."""
    sums = ("paid_theirs", "paid_ours", "returned_theirs", "returned_ours", "foreign", "foreign_count")
    return {name: report[name] for name in sums} | {"gaps": sorted(report["findings"][MONEY])}


async def step_and_be_stopped(services: Services, after: float) -> None:
    step = asyncio.create_task(audit_due(services, seconds=0))
    await asyncio.sleep(after)
    step.cancel()
    await asyncio.wait([step])


async def test_whoever_is_stopped_goes_on_where_he_was_and_finds_what_is_found_in_one_go(
    long_day: Services, database: Database
) -> None:
    places = set()
    for after in (0.002, 0.01, 0.03, 0.06):
        await step_and_be_stopped(long_day, after)
        assert await audit_due(long_day, seconds=0)
        places.add(await value(database, "SELECT min(left_until) FROM daily_audit_sides"))
    assert await value(database, "SELECT count(*) FROM daily_audits") == 0
    for _ in range(40):
        assert await audit_due(long_day, seconds=0)
    while await audit_due(long_day, seconds=0.02):
        pass

    [kept] = await rows(database, REPORTS)
    whole = await in_one_go(long_day)

    assert len(places) == 4
    assert told(kept["report"]) == told(whole.as_dict())
    assert len(whole.findings[MONEY]) == GAPS
    assert (whole.foreign, whole.foreign_count) == ([payment_id(FOREIGN)], 1)
    assert await value(database, "SELECT count(*) FROM daily_audit_sides") == 0


async def test_what_is_in_no_list_is_asked_about_in_steps_too(
    long_day: Services, sandbox: Sandbox, database: Database
) -> None:
    for record in sandbox.yookassa.state.payments.values():
        record.payment.created_at -= timedelta(days=7)

    steps = 1
    while await audit_due(long_day, seconds=0):
        steps += 1

    [kept] = await rows(database, REPORTS)
    assert steps > PAYMENTS // ASKED_AT_ONCE
    assert told(kept["report"]) == told((await in_one_go(long_day)).as_dict())
    assert Decimal(kept["report"]["paid_theirs"]) > 200 * 299


async def test_two_workers_at_once_count_nothing_twice(long_day: Services, database: Database) -> None:
    is_more = True
    while is_more:
        is_more = any(await asyncio.gather(*(audit_due(long_day, seconds=0.03) for _ in range(2))))

    [kept] = await rows(database, REPORTS)
    assert told(kept["report"]) == told((await in_one_go(long_day)).as_dict())


async def test_of_two_that_take_the_same_step_the_one_that_came_further_counts(
    long_day: Services, database: Database
) -> None:
    await audit_due(long_day, seconds=0)
    async with long_day.statements.transaction() as tx:
        [day] = await queries.list_due(tx, "Europe/Moscow", settled_after=SETTLED_AFTER, at_most=1)
        behind, _ = await queries.get_or_begin_sides(tx, day, ())
    await audit_due(long_day, seconds=0)
    further = await rows(database, SIDES)

    async with long_day.statements.transaction() as tx:
        await queries.keep_side(tx, day, behind)

    assert await rows(database, SIDES) == further


async def test_a_worker_audits_to_the_end_of_the_day_and_a_stopping_one_begins_nothing(
    long_day: Services, database: Database
) -> None:
    stopping = asyncio.Event()
    stopping.set()
    await SCHEDULES["daily_audit.audit_due"].run(long_day, stopping)
    begun = await rows(database, SIDES), await rows(database, REPORTS)

    await SCHEDULES["daily_audit.audit_due"].run(long_day, asyncio.Event())

    assert begun == ([], [])
    assert await value(database, "SELECT count(*) FROM daily_audits") == 1


async def test_more_than_can_be_named_are_counted(long_day: Services, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET amount = amount + 1 WHERE period_id = 1")

    gaps = (await in_one_go(long_day)).findings[MONEY]

    assert len([gap for gap in gaps if gap.startswith("payment ")]) == 20
    # All of them and the first one, without the one that is another system's.
    assert f"and {PAYMENTS - 20} more of the payments" in gaps[20:]
