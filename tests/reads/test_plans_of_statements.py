"""What is read of many users, or of some days, is found by an index: no statement reads a whole table; and what is read
of one user again and again is planned once."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from benchmarks.grown import grow

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.outlooks.queries import FACTS
from billing_service.renewals.queries import HORIZON, list_ending
from billing_service.stats import queries as stats
from billing_service.stats.days import Days, Step, cut
from billing_service.subscribers.queries import SUBSCRIBERS
from billing_service.timeline.queries import IN_FORCE, TIMELINE
from billing_service.user_states.queries import STATES

USERS = 1500
SMALL = {"subscription_plans", "charging_stops", "shop_fiscalization"}
TODAY = date(2026, 11, 27)
MONTH = list(cut(Days(TODAY - timedelta(days=29), TODAY), Step.DAY))
MONEY = (*stats._columns(MONTH), "Europe/Moscow", False)  # noqa: SLF001 (as it is sent)
STATEMENTS: dict[str, tuple[str, tuple[object, ...]]] = {
    "states": (STATES, ([1, 2, 3], "500500", False, "Europe/Moscow")),
    "subscribers": (SUBSCRIBERS, (100, 50, None, None)),
    "who renews soon": (HORIZON, (100, timedelta(days=5), timedelta(days=8), 500)),
    "timeline": (TIMELINE, (100, None, None, None, 50)),
    "in_force": (IN_FORCE, (100, "PRO_MONTHLY")),
    "money": (stats.MONEY, MONEY),
    "holders": (stats.SUBSCRIBERS, (timedelta(days=5),)),
    **{metric: (statement, MONEY) for metric, statement in stats.COUNTS.items()},
}
# Who is known is counted, and that is said.
COUNTED_WHOLE = {("holders", "subscriptions")}
# An index of nothing but the charges in flight, read once for all users who are asked about.
IN_FLIGHT = "uq_payments_open_renewal"


def read_whole(node: dict[str, Any]) -> Iterator[str]:
    """The tables of which this plan, or a part of it, reads everything."""
    is_found = any(name in node for name in ("Index Cond", "Recheck Cond"))
    if "Relation Name" in node and not is_found and node.get("Index Name") != IN_FLIGHT:
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from read_whole(inner)


def every_table(node: dict[str, Any]) -> Iterator[str]:
    """The tables of which this plan reads anything."""
    if "Relation Name" in node:
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from every_table(inner)


def how_read(node: dict[str, Any], table: str) -> Iterator[tuple[str, str]]:
    """Each kind of scan of this table, and its index."""
    if node.get("Relation Name") == table:
        yield node["Node Type"], node.get("Index Name", "")
    for inner in node.get("Plans", ()):
        yield from how_read(inner, table)


async def test_no_statement_reads_a_whole_table(settings: Settings, database: Database) -> None:
    await asyncio.to_thread(grow, settings.database_url, USERS)
    whole, plans, read = set(), {}, set()
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are small here
        for name, (statement, values) in STATEMENTS.items():
            explained = await connection.exec_driver_sql(
                f"EXPLAIN (FORMAT JSON) {_literal(statement, values)}"
            )
            plans[name] = explained.scalar_one()[0]["Plan"]
            whole |= {(name, table) for table in read_whole(plans[name]) if table not in SMALL}
            read |= set(every_table(plans[name])) - SMALL
        counts = {table: f"SELECT count(*) FROM {table}" for table in sorted(read)}  # noqa: S608 (our tables)
        sizes = {
            table: (await connection.exec_driver_sql(count)).scalar_one() for table, count in counts.items()
        }

    # Of an empty table any plan is as cheap as any other: it would prove nothing, and differ from run to run.
    assert {table for table, size in sizes.items() if size < USERS // 50} == set()
    assert whole == COUNTED_WHOLE
    # The sum of all time reads no payment but out of an index, whatever it is asked for.
    kinds, indexes = zip(*how_read(plans["money"], "payments"), strict=True)
    assert set(kinds) == {"Index Only Scan"}
    assert "ix_payments_revenue" in indexes


# Whom the definition names, one user after the other.
BY_DEFINITION = """
    SELECT user_id FROM subscriptions known WHERE pro_ends(user_id)
        BETWEEN billing_now() - interval '5 days' AND billing_now() + interval '90 days'
        AND (auto_renew OR EXISTS (
            SELECT FROM payment_methods m WHERE m.user_id = known.user_id AND m.status = 'ACTIVE'))
    ORDER BY user_id
"""


@pytest.mark.usefixtures("database")
async def test_who_renews_soon_is_everybody_whose_access_ends_then_page_after_page(
    settings: Settings, statements: StatementPool
) -> None:
    await asyncio.to_thread(grow, settings.database_url, USERS)
    found: list[int] = []
    async with statements.transaction() as tx:
        while page := await list_ending(
            tx,
            after=max(found, default=0),
            ended_within=timedelta(days=5),
            ends_within=timedelta(days=90),
            limit=7,
        ):
            found += page
        expected = [row["user_id"] for row in await tx.rows(BY_DEFINITION)]

    assert len(expected) > 20
    assert found == expected


PLANS = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = $1"


@pytest.mark.parametrize(
    ("statement", "more"), [(FACTS, ()), (STATES, ("Europe/Moscow",))], ids=["facts", "states"]
)
async def test_what_is_asked_of_one_user_again_and_again_keeps_its_plan(
    statements: StatementPool, statement: str, more: tuple[object, ...]
) -> None:
    """To plan it takes five times as long as to answer it."""
    async with statements.transaction() as tx:
        for _ in range(10):
            await tx.rows(statement, [1], "500500", False, *more)
        (plans,) = await tx.rows(PLANS, statement)

    assert plans["custom_plans"] <= 5
    assert plans["generic_plans"] >= 5


def _literal(statement: str, values: tuple[object, ...]) -> str:
    for number in range(len(values), 0, -1):
        statement = statement.replace(f"${number}", _written(values[number - 1]))
    return statement


def _written(value: object) -> str:
    if isinstance(value, list):
        kind = "date" if isinstance(value[0], date) else "bigint"
        return f"ARRAY[{', '.join(map(_written, value))}]::{kind}[]"
    if isinstance(value, bool | int):
        return str(value)
    return "NULL" if value is None else f"'{value}'"
