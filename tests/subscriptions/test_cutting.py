"""Cutting a period in the database: what is taken, where the others lie, and what the constraints refuse."""

from datetime import timedelta

from billing_service.kit.statement_pool import StatementPool
from billing_service.subscriptions import service as subscriptions
from tests.ledger import rows, spans_lie_end_to_end, value
from tests.stage import Clock

USER = 7
LAID = """
    SELECT extract(epoch FROM cut) / 86400 AS cut, extract(epoch FROM lower(span) - billing_now()) / 86400 AS begins
    FROM subscription_periods ORDER BY id
"""


async def give(statements: StatementPool, *days: int) -> list[int]:
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
        return [
            await subscriptions.grant_period(
                tx, user_id=USER, plan_code="PRO_MONTHLY", days=one, author="support", reason="a gift"
            )
            for one in days
        ]


async def cut(statements: StatementPool, period_id: int, by: timedelta | None = None) -> timedelta:
    async with statements.transaction() as tx:
        await subscriptions.lock(tx, USER)
        return await subscriptions.cut_period(tx, user_id=USER, period_id=period_id, by=by)


async def test_of_three_periods_the_first_is_cut_and_no_hole_is_left(
    statements: StatementPool, clock: Clock
) -> None:
    first, _, _ = await give(statements, 30, 10, 5)
    await clock.advance(days=3)

    taken = await cut(statements, first)

    assert round(taken.total_seconds() / 86400) == 27
    laid = await rows(clock.database, LAID)
    assert [round(row["begins"]) for row in laid] == [-3, 0, 10]
    assert [round(row["cut"]) for row in laid] == [27, 0, 0]
    assert await spans_lie_end_to_end(clock.database)


async def test_a_period_that_is_over_loses_nothing(statements: StatementPool, clock: Clock) -> None:
    first, _ = await give(statements, 1, 5)
    await clock.advance(days=2)

    assert await cut(statements, first) == timedelta(0)
    assert await value(clock.database, "SELECT sum(cut) FROM subscription_periods") == timedelta(0)


async def test_a_period_to_come_can_be_taken_whole_and_its_row_stays(
    statements: StatementPool, clock: Clock
) -> None:
    _, second, _ = await give(statements, 3, 10, 5)

    assert await cut(statements, second) == timedelta(days=10)
    assert await value(clock.database, "SELECT count(*) FROM subscription_periods WHERE isempty(span)") == 1
    assert await spans_lie_end_to_end(clock.database)
    assert await cut(statements, second) == timedelta(0)


async def test_what_is_bought_after_a_cut_begins_where_the_rest_ends(
    statements: StatementPool, clock: Clock
) -> None:
    first, _ = await give(statements, 10, 5)
    await cut(statements, first, timedelta(days=4))

    await give(statements, 2)

    assert [round(row["begins"]) for row in await rows(clock.database, LAID)] == [0, 6, 11]
