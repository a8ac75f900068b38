"""Where the days of a payment lie: in a period of its own, or, if they came with the import, among others in one."""

from datetime import timedelta
from typing import NamedTuple

from billing_service.kit.transaction import Transaction
from billing_service.refunds.queries import Paid
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.periods import DAY


class Place(NamedTuple):
    """`own`: how much of the period a refund of this payment may take now at most, however much of it is unused."""

    period_id: int
    own: timedelta


async def place_of(tx: Transaction, paid: Paid) -> Place | None:
    """None where there are no days."""
    days = (paid.duration_days or 0) * DAY
    if not paid.imported:
        return None if paid.period_id is None else Place(paid.period_id, days)
    period_id = await subscriptions.get_imported_period(tx, paid.user_id)
    if period_id is None:
        return None
    unused: timedelta = await tx.value(UNUSED, paid.id, period_id)
    return Place(period_id, min(days, max(unused, timedelta(0))))


# The days of the import lie end to end, those that were paid last at its end: before them is what this payment has
# left. What was taken of each lies there no more.
UNUSED = """
    WITH own AS (SELECT * FROM payments WHERE id = $1)
    SELECT coalesce((
        SELECT greatest(upper(span) - greatest(lower(span), billing_now()), interval '0')
        FROM subscription_periods WHERE id = $2 AND NOT isempty(span)
    ), interval '0') - coalesce((
        SELECT sum(later.duration_days * interval '24 hours' - taken.cut)
        FROM own JOIN payments later USING (user_id)
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(access_cut), interval '0') AS cut FROM refunds WHERE payment_id = later.id) taken
        WHERE later.imported AND later.status = 'SUCCEEDED' AND later.plan_code IS NOT NULL
            AND (later.plan_code = 'TEST_LIVE') = (own.plan_code = 'TEST_LIVE')
            AND (later.paid_at, later.id) > (own.paid_at, own.id)
    ), interval '0')
"""
