"""The SQL of the daily audit: whose rows have changed, and what came in and went back on a day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.daily_audits.sides import Side
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of


class Day(NamedTuple):
    """A day of business in the service's time zone, `ends` excluded."""

    day: date
    begins: datetime
    ends: datetime


# Up to the last day that is over for at least so long.
DAYS = """
    SELECT day::date AS day, day AT TIME ZONE $2 AS begins, (day + interval '1 day') AT TIME ZONE $2 AS ends
    FROM generate_series(
        $1::timestamp, date_trunc('day', (billing_now() - $3::interval) AT TIME ZONE $2) - interval '1 day', '1 day'
    ) day
"""
FIRST_AUDITED = "SELECT min(day) FROM daily_audits WHERE NOT is_full"
AUDITED = "SELECT day FROM daily_audits WHERE NOT is_full AND day >= $1"
YESTERDAY = "SELECT (date_trunc('day', billing_now() AT TIME ZONE $1) - interval '1 day')::date"
AT_ONCE = timedelta(0)


async def get_yesterday(tx: Transaction, zone: str) -> date:
    day: date = await tx.value(YESTERDAY, zone)
    return day


async def list_due(tx: Transaction, zone: str, *, settled_after: timedelta, at_most: int) -> Sequence[Day]:
    """The newest `at_most` days that are over for so long, without those that were audited; the oldest first.

    Nothing is due that was over before the first audit; of a service that has none, yesterday is the first.
    """
    yesterday = await get_yesterday(tx, zone)
    first: date = await tx.value(FIRST_AUDITED) or yesterday
    since = max(first, yesterday - timedelta(days=at_most))
    rows = await tx.rows(DAYS, datetime.combine(since, time.min), zone, settled_after)
    audited = {row["day"] for row in await tx.rows(AUDITED, since)}
    return [Day(**row) for row in rows[-at_most:] if row["day"] not in audited]


async def get_day(tx: Transaction, day: date, zone: str) -> Day | None:
    """None for a day that is not over."""
    rows = await tx.rows(DAYS, datetime.combine(day, time.min), zone, AT_ONCE)
    return Day(**rows[0]) if rows else None


class Reach(NamedTuple):
    """How far the feed is numbered, how far the last clean audit came, and the time now.

    What an audit found broken is so examined again until it is well.
    """

    feed_no: int
    audited: int
    now: datetime


REACH = """
    SELECT coalesce((SELECT last_no FROM event_feed), 0) AS feed_no,
        coalesce((
            SELECT feed_no FROM daily_audits WHERE report->'findings' = '{}' ORDER BY id DESC LIMIT 1
        ), 0) AS audited,
        billing_now() AS now
"""


async def get_reach(tx: Transaction) -> Reach:
    return Reach(**(await tx.row(REACH) or {}))


# Every change of money or access writes an event, which is numbered once it is committed: no number is skipped, so a
# transaction that commits late is met by the next audit. What is open, or not numbered
# yet, is met as well.
CHANGED = """
    SELECT user_id FROM outbox_events WHERE feed_no > $1 AND feed_no <= $2 AND user_id IS NOT NULL
    UNION
    SELECT user_id FROM outbox_events WHERE feed_no IS NULL AND user_id IS NOT NULL
    UNION
    SELECT user_id FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')
    UNION
    SELECT p.user_id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.status = 'PENDING'
"""


async def list_changed(tx: Transaction, reach: Reach) -> Sequence[int]:
    """Users whose money or access has changed since the last clean audit, or may yet."""
    return [row["user_id"] for row in await tx.rows(CHANGED, reach.audited, reach.feed_no)]


class Booked(NamedTuple):
    """A payment or a refund of ours, by the provider's id, empty if that was lost.

    `done_at` is when it succeeded, or else changed last.
    """

    id: UUID
    user_id: int
    provider_id: str
    status: str
    amount: Decimal
    currency: str
    done_at: datetime


PAYMENTS_BY_ID = """
    SELECT id, user_id, yookassa_payment_id AS provider_id, status, amount, currency,
        coalesce(paid_at, updated_at) AS done_at
    FROM payments
    WHERE yookassa_payment_id = ANY($1)
"""
# What was imported with the provider's id is in the provider's list as well.
PAYMENTS_BETWEEN = """
    SELECT id, user_id, coalesce(yookassa_payment_id, '') AS provider_id, status, amount, currency,
        coalesce(paid_at, updated_at) AS done_at
    FROM payments
    WHERE status = 'SUCCEEDED' AND paid_at >= $1 AND paid_at < $2 AND shop_id = $3 AND is_test = $4
        AND NOT (imported AND yookassa_payment_id IS NULL)
    ORDER BY paid_at DESC
"""
REFUNDS_BY_ID = """
    SELECT r.id, p.user_id, r.yookassa_refund_id AS provider_id, r.status, r.amount, r.currency,
        coalesce(r.completed_at, r.updated_at) AS done_at
    FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.yookassa_refund_id = ANY($1)
"""
REFUNDS_BETWEEN = """
    SELECT r.id, p.user_id, coalesce(r.yookassa_refund_id, '') AS provider_id, r.status, r.amount, r.currency,
        coalesce(r.completed_at, r.updated_at) AS done_at
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.status = 'SUCCEEDED' AND r.completed_at >= $1 AND r.completed_at < $2 AND r.shop_id = $3 AND r.is_test = $4
    ORDER BY r.completed_at DESC
"""


async def list_payments(tx: Transaction, provider_ids: Collection[str]) -> Mapping[str, Booked]:
    return _by_id(await tx.rows(PAYMENTS_BY_ID, list(provider_ids)))


async def list_refunds(tx: Transaction, provider_ids: Collection[str]) -> Mapping[str, Booked]:
    return _by_id(await tx.rows(REFUNDS_BY_ID, list(provider_ids)))


async def list_payments_of(
    tx: Transaction, since: datetime, until: datetime, *, shop_id: str, is_test: bool
) -> Sequence[Booked]:
    """Those of this shop that were paid in between, `until` excluded, the newest first."""
    return [Booked(**row) for row in await tx.rows(PAYMENTS_BETWEEN, since, until, shop_id, is_test)]


async def list_refunds_of(
    tx: Transaction, since: datetime, until: datetime, *, shop_id: str, is_test: bool
) -> Sequence[Booked]:
    """Those of this shop that were completed in between, `until` excluded, the newest first."""
    return [Booked(**row) for row in await tx.rows(REFUNDS_BETWEEN, since, until, shop_id, is_test)]


def _by_id(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Booked]:
    return {row["provider_id"]: Booked(**row) for row in rows}


# Days of the payments of that day, and of the periods that they gave. By the numbers of the periods: those of a day lie
# together in their index, where the ids of payments lie all over it.
DAYS_GIVEN = """
    SELECT coalesce(sum(duration_days), 0) AS paid,
        coalesce(sum((
            SELECT s.days FROM subscription_periods s WHERE s.id = p.period_id AND s.payment_id = p.id
        )), 0)::bigint AS granted
    FROM payments p
    WHERE status = 'SUCCEEDED' AND purpose = 'PLAN' AND paid_at >= $1 AND paid_at < $2 AND NOT imported
        AND shop_id = $3 AND is_test = $4
"""


class DaysGiven(NamedTuple):
    paid: int
    granted: int


async def get_days_given(tx: Transaction, day: Day, *, shop_id: str, is_test: bool) -> DaysGiven:
    return DaysGiven(**(await tx.row(DAYS_GIVEN, day.begins, day.ends, shop_id, is_test) or {}))


# Between two of these nobody else begins a day or keeps its report.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('daily_audits'))"


async def be_alone(tx: Transaction) -> None:
    """The first thing in a transaction that begins or ends the audit of a day."""
    await tx.execute(ALONE)


BEGIN_SIDES = """
    INSERT INTO daily_audit_sides (day, kind, left_until) SELECT $1, kind, $2 FROM unnest($3::text[]) kind
    ON CONFLICT DO NOTHING
"""
SIDES = """
    SELECT kind, begun_at, left_until, is_complete, theirs, ours, difference_count, differences, foreign_count,
        foreign_ids
    FROM daily_audit_sides WHERE day = $1 ORDER BY kind
"""


async def get_or_begin_sides(tx: Transaction, day: Day, kinds: Collection[str]) -> Sequence[Side]:
    """How far this day has been compared."""
    await tx.execute(BEGIN_SIDES, day.day, day.ends, list(kinds))
    return [Side(**row) for row in await tx.rows(SIDES, day.day)]


# Of two that compare at once the one that came further counts: each has all that it found so far.
KEEP_SIDE = """
    UPDATE daily_audit_sides SET left_until = $3, is_complete = $4, theirs = $5, ours = $6, difference_count = $7,
        differences = $8, foreign_count = $9, foreign_ids = $10
    WHERE (day, kind) = ($1, $2) AND left_until >= $3 AND NOT is_complete
"""


async def keep_side(tx: Transaction, day: Day, side: Side) -> None:
    """How far it has come now; nothing changes if another has kept that it came further, or the report."""
    await tx.execute(
        KEEP_SIDE,
        *(day.day, side.kind, side.left_until, side.is_complete, side.theirs, side.ours),
        *(side.difference_count, side.differences, side.foreign_count, side.foreign_ids),
    )


FORGET_SIDES = """
    WITH gone AS (DELETE FROM daily_audit_sides WHERE day = $1 RETURNING 1) SELECT count(*) > 0 FROM gone
"""


async def forget_sides(tx: Transaction, day: date) -> bool:
    """The audit of this day is done. False if it was not under way: somebody else has done it."""
    return bool(await tx.value(FORGET_SIDES, day))


INSERT = """
    INSERT INTO daily_audits (day, is_full, feed_no, started_at, report) VALUES ($1, $2, $3, $4, $5::jsonb)
"""


async def insert_audit(
    tx: Transaction,
    *,
    day: date,
    is_full: bool,
    feed_no: int,
    started_at: datetime,
    report: Mapping[str, object],
) -> None:
    await tx.execute(INSERT, day, is_full, feed_no, started_at, json_of(report).decode())
