"""The SQL of the figures. Sums over days read index entries of those days, and no row that holds them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row
from billing_service.stats.days import Days

# $1: how long a renewal may be tried after the end, null where nothing is renewed. Who is known has a row of his own:
# counting those is the one figure that grows with all users. Who has become another number is known under that one.
SUBSCRIBERS = """
    WITH holders AS (
        SELECT held.plan_code, held.cause, plan.duration_days FROM periods_in_force(billing_now()) held
        JOIN subscription_plans plan ON plan.code = held.plan_code WHERE plan.price > 0 AND NOT plan.is_test
    ), lately AS MATERIALIZED (
        SELECT DISTINCT ended.user_id FROM subscription_periods ended JOIN subscriptions known USING (user_id)
        WHERE upper(ended.span) BETWEEN billing_now() - $1::interval AND billing_now() AND known.auto_renew
    ), graced AS (
        SELECT count(*) AS users FROM lately
        WHERE pro_ends(user_id) BETWEEN billing_now() - $1::interval AND billing_now()
    )
    SELECT billing_now() AS as_of, graced.users AS grace,
        (SELECT count(*) FROM subscriptions) - (SELECT count(*) FROM subscriptions WHERE moved_to IS NOT NULL) AS known,
        holders.plan_code, holders.duration_days, holders.cause, count(holders.plan_code) AS holders
    FROM graced LEFT JOIN holders ON true
    GROUP BY graced.users, holders.plan_code, holders.duration_days, holders.cause
"""


async def list_holders(statements: StatementPool, grace: timedelta | None) -> Sequence[Row]:
    """How many hold each plan for each cause; every row carries how many are known and in grace. Never empty."""
    return await statements.fetch(SUBSCRIBERS, grace)


TODAY = "SELECT usage_day(billing_now(), $1) AS today, billing_now() AS as_of"


async def get_today(statements: StatementPool, zone: str) -> Row:
    return await statements.fetch_one(TODAY, zone)


# What came in and what went back in some days, by plan. A day begins where the one before it ends.
SPAN = """
    SELECT usage_day_end(first - 1, $3) AS begins, usage_day_end(last, $3) AS ends
"""
# Plan by plan, so that a million entries are only added up: to tell plans apart in them costs as much again.
PAID_FOR = """
    SELECT sum(amount) AS amount, count(*) AS times FROM payments
    WHERE status = 'SUCCEEDED' AND currency = 'RUB' AND is_test = $4 AND plan_code {plan}
        AND paid_at >= begins AND paid_at < ends
"""
PAID = f"""
    SELECT code AS plan, amount, times
    FROM subscription_plans CROSS JOIN LATERAL ({PAID_FOR.format(plan="= code")}) bought
    UNION ALL SELECT '', amount, times FROM ({PAID_FOR.format(plan="IS NULL")}) for_none
"""  # noqa: S608 (constant SQL, as all below)
RETURNED = """
    SELECT coalesce(p.plan_code, '') AS plan, sum(r.amount) AS amount, count(*) AS times
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.status = 'SUCCEEDED' AND r.is_test = $4 AND r.currency = 'RUB'
        AND r.completed_at >= begins AND r.completed_at < ends
    GROUP BY p.plan_code
"""
STEPS = f"""
    unnest($1::date[], $2::date[]) WITH ORDINALITY step (first, last, place) CROSS JOIN LATERAL ({SPAN}) span
"""
MONEY = f"""
    SELECT place, plan, sum(amount) FILTER (WHERE is_in) AS paid, sum(amount) FILTER (WHERE NOT is_in) AS returned,
        coalesce(sum(times) FILTER (WHERE is_in), 0)::bigint AS payments,
        coalesce(sum(times) FILTER (WHERE NOT is_in), 0)::bigint AS refunds
    FROM {STEPS} CROSS JOIN LATERAL (
        SELECT true AS is_in, paid.* FROM ({PAID}) paid UNION ALL SELECT false, returned.* FROM ({RETURNED}) returned
    ) moved
    WHERE times > 0 GROUP BY place, plan ORDER BY place, plan
"""  # noqa: S608


class Moved(NamedTuple):
    """What came in for a plan in one step, and what went back then; in roubles. `plan` is empty for none."""

    step: int
    plan: str
    paid: Decimal
    returned: Decimal
    payments: int
    refunds: int


async def list_money(
    statements: StatementPool, steps: Sequence[Days], zone: str, *, is_test: bool
) -> Sequence[Moved]:
    """By step (its place in `steps`) and plan, where anything moved; money goes back on the day of its refund."""
    rows = await statements.fetch(MONEY, *_columns(steps), zone, is_test)
    return [
        Moved(
            step=row["place"] - 1,
            plan=row["plan"],
            paid=row["paid"] or Decimal(0),
            returned=row["returned"] or Decimal(0),
            payments=row["payments"],
            refunds=row["refunds"],
        )
        for row in rows
    ]


# Each counts what happened between `begins` and `ends`, by something.
CHANGES = """
    SELECT plan_code AS key, count(*) AS times FROM access_changes
    WHERE change = '{change}' AND at >= begins AND at < ends AND at <= billing_now() AND ($4 OR NOT $4)
    GROUP BY plan_code
"""
# Nobody tried to pay a checkout whose time ran out; what the shop canceled, or did not take in time, was not declined.
DECLINES = """
    SELECT coalesce(cancellation_reason, '') AS key, count(*) AS times FROM payments
    WHERE status = 'CANCELED' AND is_test = $4 AND updated_at >= begins AND updated_at < ends
        AND cancellation_party IS DISTINCT FROM 'merchant'
        AND coalesce(cancellation_reason, '') NOT IN ('expired_on_confirmation', 'expired_on_capture')
    GROUP BY cancellation_reason
"""
LIMIT_HITS = """
    SELECT '' AS key, count(*) AS times FROM outbox_events
    WHERE kind = 'usage.limit_reached' AND occurred_at >= begins AND occurred_at < ends AND ($4 OR NOT $4)
    HAVING count(*) > 0
"""
COUNTED: Mapping[str, str] = {
    **{change: CHANGES.format(change=change) for change in ("new", "renewed", "returned", "lost")},
    "declines": DECLINES,
    "limit_hits": LIMIT_HITS,
}
COUNTS = {
    metric: f"SELECT place, key, times FROM {STEPS} CROSS JOIN LATERAL ({counted}) counted ORDER BY place, key"  # noqa: S608
    for metric, counted in COUNTED.items()
}


class Counted(NamedTuple):
    step: int
    key: str
    times: int


async def list_counts(
    statements: StatementPool, metric: str, steps: Sequence[Days], zone: str, *, is_test: bool
) -> Sequence[Counted]:
    """By step (its place in `steps`) and what the metric is told apart by, where there was any."""
    rows = await statements.fetch(COUNTS[metric], *_columns(steps), zone, is_test)
    return [Counted(row["place"] - 1, row["key"], row["times"]) for row in rows]


def _columns(steps: Sequence[Days]) -> tuple[list[date], list[date]]:
    return [step.first for step in steps], [step.last for step in steps]
