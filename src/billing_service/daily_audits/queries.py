"""The SQL of the daily audit: whose rows have changed, and what came in and went back on a day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

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
LAST_AUDITED = "SELECT max(day) FROM daily_audits WHERE NOT is_full"
YESTERDAY = "SELECT (date_trunc('day', billing_now() AT TIME ZONE $1) - interval '1 day')::date"
AT_ONCE = timedelta(0)


async def get_yesterday(tx: Transaction, zone: str) -> date:
    day: date = await tx.value(YESTERDAY, zone)
    return day


async def list_due(tx: Transaction, zone: str, *, settled_after: timedelta, at_most: int) -> Sequence[Day]:
    """The days that are over for so long and were not audited yet, the newest `at_most` of them; at first yesterday."""
    last: date | None = await tx.value(LAST_AUDITED)
    since = last + timedelta(days=1) if last else await get_yesterday(tx, zone)
    rows = await tx.rows(DAYS, datetime.combine(since, time.min), zone, settled_after)
    return [Day(**row) for row in rows[-at_most:]]


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
        coalesce((SELECT max(feed_no) FROM daily_audits WHERE report->'findings' = '{}'), 0) AS audited,
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
    """A payment or a refund of ours, by the provider's id."""

    id: UUID
    user_id: int
    provider_id: str
    status: str
    amount: Decimal
    currency: str


PAYMENTS_BY_ID = """
    SELECT id, user_id, yookassa_payment_id AS provider_id, status, amount, currency FROM payments
    WHERE yookassa_payment_id = ANY($1)
"""
PAYMENTS_OF_DAY = """
    SELECT id, user_id, yookassa_payment_id AS provider_id, status, amount, currency FROM payments
    WHERE status = 'SUCCEEDED' AND paid_at >= $1 AND paid_at < $2 AND NOT imported AND shop_id = $3 AND is_test = $4
"""
REFUNDS_BY_ID = """
    SELECT r.id, p.user_id, r.yookassa_refund_id AS provider_id, r.status, r.amount, r.currency
    FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.yookassa_refund_id = ANY($1)
"""
REFUNDS_OF_DAY = """
    SELECT r.id, p.user_id, r.yookassa_refund_id AS provider_id, r.status, r.amount, r.currency
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.status = 'SUCCEEDED' AND r.completed_at >= $1 AND r.completed_at < $2 AND r.shop_id = $3 AND r.is_test = $4
"""


async def list_payments(tx: Transaction, provider_ids: Collection[str]) -> Mapping[str, Booked]:
    return _by_id(await tx.rows(PAYMENTS_BY_ID, list(provider_ids)))


async def list_refunds(tx: Transaction, provider_ids: Collection[str]) -> Mapping[str, Booked]:
    return _by_id(await tx.rows(REFUNDS_BY_ID, list(provider_ids)))


async def list_payments_of(tx: Transaction, day: Day, *, shop_id: str, is_test: bool) -> Sequence[Booked]:
    return [Booked(**row) for row in await tx.rows(PAYMENTS_OF_DAY, day.begins, day.ends, shop_id, is_test)]


async def list_refunds_of(tx: Transaction, day: Day, *, shop_id: str, is_test: bool) -> Sequence[Booked]:
    return [Booked(**row) for row in await tx.rows(REFUNDS_OF_DAY, day.begins, day.ends, shop_id, is_test)]


def _by_id(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Booked]:
    return {row["provider_id"]: Booked(**row) for row in rows}


# Days of the payments of that day, and of the periods that they gave. Period by period: a join would read all of them.
DAYS_GIVEN = """
    SELECT coalesce(sum(duration_days), 0) AS paid,
        coalesce(sum((SELECT sum(s.days) FROM subscription_periods s WHERE s.payment_id = p.id)), 0)::bigint AS granted
    FROM payments p
    WHERE status = 'SUCCEEDED' AND purpose = 'PLAN' AND paid_at >= $1 AND paid_at < $2 AND NOT imported
        AND shop_id = $3 AND is_test = $4
"""


class DaysGiven(NamedTuple):
    paid: int
    granted: int


async def get_days_given(tx: Transaction, day: Day, *, shop_id: str, is_test: bool) -> DaysGiven:
    return DaysGiven(**(await tx.row(DAYS_GIVEN, day.begins, day.ends, shop_id, is_test) or {}))


INSERT = """
    INSERT INTO daily_audits (day, is_full, feed_no, started_at, report) VALUES ($1, $2, $3, $4, $5::jsonb)
"""


async def insert_audit(
    tx: Transaction, *, day: date, is_full: bool, reach: Reach, report: Mapping[str, object]
) -> None:
    await tx.execute(INSERT, day, is_full, reach.feed_no, reach.now, json_of(report).decode())
