"""A period is laid by the statement that writes it, exactly where its buyer was shown that it would lie."""

from datetime import timedelta

import pytest

from billing_service.kit.statement_pool import StatementPool
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.laying import Place
from tests.ledger import rows, spans_lie_end_to_end
from tests.stage import Clock

USER = 7
PRO, CHECK = "PRO_MONTHLY", "TEST_LIVE"
LAID = """
    SELECT lower(span) AS start, upper(span) AS "end", granted_at, billing_now() AS now FROM subscription_periods
    WHERE plan_code = :plan ORDER BY id DESC LIMIT 1
"""


async def lay(statements: StatementPool, days: int, plan: str = PRO) -> Place:
    """Answers where it was said to lie, a moment before it was laid."""
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
        shown = await subscriptions.place_of_next(tx, user_id=USER, plan_code=plan, days=days)
        await subscriptions.grant_period(
            tx, user_id=USER, plan_code=plan, days=days, author="support", reason="a gift"
        )
    return shown


@pytest.mark.parametrize("days", [1, 30, 3650])
async def test_the_first_period_begins_now_and_a_day_is_24_hours(
    statements: StatementPool, clock: Clock, days: int
) -> None:
    await lay(statements, days)

    laid = (await rows(clock.database, LAID, plan=PRO))[0]
    assert laid["start"] == laid["granted_at"]
    assert laid["end"] - laid["start"] == timedelta(hours=24) * days


async def test_a_period_bought_while_another_runs_begins_where_that_one_ends(
    statements: StatementPool, clock: Clock
) -> None:
    await lay(statements, 30)
    before = (await rows(clock.database, LAID, plan=PRO))[0]
    await clock.advance(days=7)

    shown = await lay(statements, 30)

    laid = (await rows(clock.database, LAID, plan=PRO))[0]
    assert (laid["start"], laid["end"]) == (before["end"], before["end"] + timedelta(days=30))
    assert (shown.start, shown.end) == (laid["start"], laid["end"])
    assert not shown.is_at_once
    assert await spans_lie_end_to_end(clock.database)


async def test_after_a_gap_a_period_begins_now_and_not_in_the_past(
    statements: StatementPool, clock: Clock
) -> None:
    await lay(statements, 30)
    await clock.advance(days=100)

    shown = await lay(statements, 30)

    laid = (await rows(clock.database, LAID, plan=PRO))[0]
    assert laid["start"] == laid["granted_at"]
    assert shown.is_at_once


async def test_days_of_a_check_are_laid_behind_nothing_but_checks(
    statements: StatementPool, clock: Clock
) -> None:
    await lay(statements, 30)

    shown = await lay(statements, 1, CHECK)

    laid = (await rows(clock.database, LAID, plan=CHECK))[0]
    assert laid["start"] == laid["granted_at"]
    assert shown.is_at_once
