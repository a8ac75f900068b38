"""The statements of daily usage. Its decisions are SQL functions (usage_decisions.sql), one round trip each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row, Transaction


@dataclass(frozen=True)
class Operation:
    """Something that was admitted today, or a reset.

    `asked`: how much was asked for at first. `counts`: what of `amount` is in what is used today; below 0 for a reset.
    An `operation_id` of None: nobody named it. `ended_at`: when it was counted, released or set back.
    """

    operation_id: str | None
    state: str
    asked: int
    amount: int
    counts: int
    began_at: datetime | None
    held_until: datetime | None
    ended_at: datetime | None


OPERATIONS = TypeAdapter(Sequence[Operation])

TODAY = "SELECT * FROM usage_today($1, $2)"
TODAY_OF = "SELECT t.*, is_feature($2) AS is_known FROM feature_usage_today($1, $2, $3) t"
ADMIT = "SELECT * FROM feature_usage_admit($1, $2, $3, $4, $5, $6)"
REPORT = "SELECT * FROM feature_usage_report($1, $2, $3, $4, $5, $6)"
COMMIT = "SELECT * FROM feature_usage_commit($1, $2, $3, $4)"
EXTEND = "SELECT * FROM feature_usage_extend($1, $2, $3, $4, $5)"
RELEASE = "SELECT * FROM feature_usage_release($1, $2, $3)"


async def get_today(statements: StatementPool, user_id: int, zone: str) -> Row:
    """Plan, access, and what is used and held of photos."""
    return await statements.fetch_one(TODAY, user_id, zone)


async def get_today_of(statements: StatementPool, user_id: int, feature: str, zone: str) -> Row:
    """What is used and held of a feature; `is_known`: some plan has it."""
    return await statements.fetch_one(TODAY_OF, user_id, feature, zone)


async def admit(
    statements: StatementPool,
    user_id: int,
    *,
    feature: str,
    amount: int,
    operation_id: str | None,
    hold_for: timedelta | None,
    zone: str,
) -> Row:
    return await statements.fetch_one(ADMIT, user_id, feature, amount, operation_id, hold_for, zone)


async def report(
    statements: StatementPool,
    user_id: int,
    *,
    feature: str,
    amount: int,
    operation_id: str,
    decided_on: date,
    zone: str,
) -> Row:
    return await statements.fetch_one(REPORT, user_id, feature, amount, operation_id, decided_on, zone)


async def commit(
    statements: StatementPool, operation_id: str, zone: str, *, wait: bool, amount: int | None = None
) -> Row:
    return await statements.fetch_one(COMMIT, operation_id, amount, zone, wait)


async def extend(
    statements: StatementPool, operation_id: str, zone: str, *, wait: bool, ttl: timedelta, most: timedelta
) -> Row:
    return await statements.fetch_one(EXTEND, operation_id, ttl, most, zone, wait)


async def release(statements: StatementPool, operation_id: str, zone: str, *, wait: bool) -> Row:
    return await statements.fetch_one(RELEASE, operation_id, zone, wait)


class Reset(NamedTuple):
    """What was counted on this day before it was set back."""

    day: date
    counted: int


async def reset_today(tx: Transaction, user_id: int, feature: str, zone: str) -> Reset:
    row = await tx.row("SELECT day, counted FROM feature_usage_reset($1, $2, $3)", user_id, feature, zone)
    return Reset(**(row or {}))


async def is_feature(tx: Transaction, feature: str) -> bool:
    known: bool = await tx.value("SELECT is_feature($1)", feature)
    return known


# One statement, so that the figures and what makes them are of one instant. A reset that the release before wrote down
# says neither its day nor its feature.
EXPLAIN = """
    WITH clock AS (SELECT at, usage_day(at, $3) AS day FROM (SELECT billing_now() AS at) instant),
    listed AS (
        SELECT o.operation_id,
            CASE WHEN o.state = 'held' AND coalesce(held_place(o) <= extract(epoch FROM clock.at), true)
                THEN 'expired' ELSE o.state END AS state,
            o.photos AS asked,
            coalesce(o.counted, o.photos) AS amount,
            CASE WHEN o.state = 'counted' THEN coalesce(o.counted, o.photos) ELSE 0 END AS counts,
            coalesce(o.began_at, o.changed_at) AS began_at,
            o.held_until,
            CASE WHEN o.state <> 'held' THEN o.changed_at END AS ended_at
        FROM usage_operations o, clock WHERE o.user_id = $1 AND o.date = clock.day AND o.feature = $2
        UNION ALL
        SELECT NULL, 'counted', n, n, n, moment, NULL, moment
        FROM (
            SELECT nameless[i][2] AS n, timestamptz 'epoch' + nameless[i][1] * interval '1 microsecond' AS moment
            FROM (
                SELECT date, nameless FROM daily_usage WHERE user_id = $1 AND $2 = 'photo_ai'
                UNION ALL
                SELECT date, nameless FROM daily_feature_usage WHERE user_id = $1 AND feature = $2
            ) d, clock, generate_subscripts(nameless, 1) i
            WHERE d.date = clock.day
        ) counted_by_no_name
        UNION ALL
        SELECT NULL, 'reset', (a.details ->> 'used_before')::integer, (a.details ->> 'used_before')::integer,
            -(a.details ->> 'used_before')::integer,
            a.at, NULL, a.at
        FROM audit_log a, clock
        WHERE a.user_id = $1 AND a.action = 'usage.reset'
            AND coalesce(a.details ->> 'feature', 'photo_ai') = $2
            AND coalesce((a.details ->> 'date')::date, usage_day(a.at, $3)) = clock.day
    )
    SELECT t.*, is_feature($2) AS is_known,
        coalesce((
            SELECT jsonb_agg(l ORDER BY began_at, ended_at, operation_id)
            FROM (SELECT * FROM listed ORDER BY began_at DESC, ended_at DESC, operation_id DESC LIMIT $4) l
        ), '[]')::text AS operations
    FROM feature_usage_today($1, $2, $3) t
"""


async def explain_today(
    statements: StatementPool, user_id: int, feature: str, zone: str, *, most: int
) -> tuple[Row, Sequence[Operation]]:
    """The figures of today, and the newest operations that make them, the oldest first."""
    row = await statements.fetch_one(EXPLAIN, user_id, feature, zone, most)
    return row, OPERATIONS.validate_json(row["operations"])


UNLIMITED = """
    SELECT coalesce(bool_and(daily_photo_limit IS NULL), false) AS has_none FROM subscription_plans
    WHERE is_active AND NOT is_test AND price > 0
"""


async def has_pro_no_limit(statements: StatementPool) -> bool:
    """Of photos, in any plan that is on sale."""
    row = await statements.fetch_one(UNLIMITED)
    return bool(row["has_none"])
