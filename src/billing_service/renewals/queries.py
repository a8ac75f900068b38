"""The SQL of renewals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from billing_service.kit.transaction import Row, Transaction
from billing_service.renewals.models import RenewalNotice

DUE = """
    WITH due AS (
        SELECT user_id FROM subscriptions WHERE auto_renew AND renewal_look_at <= billing_now()
        ORDER BY renewal_look_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE subscriptions SET renewal_look_at = billing_now() + $2::interval FROM due
    WHERE subscriptions.user_id = due.user_id RETURNING subscriptions.user_id
"""


async def take_due(tx: Transaction, *, limit: int, again_after: timedelta) -> Sequence[int]:
    """Users whose subscription is to be looked at, the longest waiting first; looked at again after a while, whatever
    becomes of this time."""
    return [row["user_id"] for row in await tx.rows(DUE, limit, again_after)]


LOOK_AT = "UPDATE subscriptions SET renewal_look_at = CASE WHEN auto_renew THEN $2::timestamptz END WHERE user_id = $1"


async def set_look_at(tx: Transaction, user_id: int, look_at: datetime | None) -> None:
    await tx.execute(LOOK_AT, user_id, look_at)


# Whoever's access ends at all around now is found by an index and put in order first; what decides about him is asked
# of as many as make a page.
HORIZON = """
    SELECT user_id FROM (
        SELECT DISTINCT user_id FROM access_changes
        WHERE change = 'lost' AND at BETWEEN billing_now() - $2::interval AND billing_now() + $3::interval
            AND user_id > $1
        ORDER BY user_id OFFSET 0
    ) ending
    WHERE ((SELECT known.auto_renew FROM subscriptions known WHERE known.user_id = ending.user_id) OR EXISTS (
        SELECT FROM payment_methods m WHERE m.user_id = ending.user_id AND m.status = 'ACTIVE'))
        AND pro_ends(user_id) BETWEEN billing_now() - $2::interval AND billing_now() + $3::interval
    ORDER BY user_id LIMIT $4
"""


async def list_ending(
    tx: Transaction, *, after: int, ended_within: timedelta, ends_within: timedelta, limit: int
) -> Sequence[int]:
    """Users who renew or could, and whose access ends or has ended around now; by their ids."""
    rows = await tx.rows(HORIZON, after, ended_within, ends_within, limit)
    return [row["user_id"] for row in rows]


INSERT_NOTICE = """
    INSERT INTO renewal_notices
        (id, user_id, period_id, plan_code, amount, currency, duration_days, charge_at, charge_until, event_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def insert_notice(tx: Transaction, notice: RenewalNotice) -> None:
    await tx.execute(
        INSERT_NOTICE,
        *(notice.id, notice.user_id, notice.period_id, notice.plan_code, notice.amount, notice.currency),
        *(notice.duration_days, notice.charge_at, notice.charge_until, notice.event_id),
    )


# A report that lies in the future is none yet, and the next one takes its place.
TELL = """
    UPDATE renewal_notices SET
        told_at = CASE WHEN told_at <= billing_now() THEN told_at ELSE greatest($2, created_at) END,
        told_by = CASE WHEN told_at <= billing_now() THEN told_by ELSE $3 END
    WHERE id = $1 RETURNING told_at, told_by, charge_at, charge_until
"""
FUTURE = "SELECT $1::timestamptz > billing_now() + $2::interval"


async def is_future(tx: Transaction, at: datetime, *, tolerance: timedelta) -> bool:
    return bool(await tx.value(FUTURE, at, tolerance))


async def note_told(tx: Transaction, notice_id: UUID, *, at: datetime, channel: str) -> Row | None:
    """The notice as it is then; None for an unknown one."""
    return await tx.row(TELL, notice_id, at, channel)


# The row of the hour is the last lock of the transaction.
CHARGE_HOUR = """
    INSERT INTO renewal_hours AS known (hour, charges, amount, most)
    SELECT date_trunc('hour', billing_now()), 1, $1::numeric, $2::numeric WHERE $1::numeric <= $2::numeric
    ON CONFLICT (hour) DO UPDATE SET
        charges = known.charges + 1, amount = known.amount + excluded.amount, most = excluded.most
    WHERE known.amount + excluded.amount <= excluded.most RETURNING hour
"""


async def take_from_hour(tx: Transaction, amount: Decimal, *, most: Decimal) -> bool:
    """Count one more charge to this hour; False if it may not take so much."""
    return await tx.value(CHARGE_HOUR, amount, most) is not None
