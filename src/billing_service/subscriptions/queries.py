"""The SQL of subscriptions and periods."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import billing_now
from billing_service.kit.transaction import Transaction
from billing_service.plans.models import Plan
from billing_service.subscriptions.models import Period

END: ColumnElement[datetime] = func.upper(Period.span, type_=DateTime(timezone=True))
LAST_END: ColumnElement[datetime | None] = func.max(END, type_=DateTime(timezone=True))


# The row is made by the first checkout or grant. Nothing comes back when another transaction made it at this moment:
# the statement sees the row only when it is sent again.
LOCK = """
    WITH made AS (
        INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING RETURNING user_id
    ), locked AS (
        SELECT user_id FROM subscriptions WHERE user_id = $1 FOR UPDATE
    )
    SELECT user_id FROM made UNION ALL SELECT user_id FROM locked
"""


async def lock_subscription(tx: Transaction, user_id: int) -> bool:
    """Make the row unless it is there, and lock it. False if it must be asked again."""
    return await tx.row(LOCK, user_id) is not None


class End(NamedTuple):
    """When the last span of a user ends, None without one; and the time now."""

    last: datetime | None
    now: datetime


LAST_END_NOW = """
    SELECT max(upper(span)) AS last, billing_now() AS now FROM subscription_periods WHERE user_id = $1
"""


async def get_last_end(tx: Transaction, user_id: int) -> End:
    return End(**(await tx.row(LAST_END_NOW, user_id) or {}))


INSERT_PAID = """
    INSERT INTO subscription_periods (user_id, plan_code, cause, payment_id, days, granted_at, span)
    VALUES ($1, $2, 'payment', $3, $4, $5, tstzrange($6, $7)) RETURNING id
"""


async def insert_paid_period(
    tx: Transaction,
    *,
    user_id: int,
    plan_code: str,
    days: int,
    payment_id: UUID,
    granted_at: datetime,
    start: datetime,
    end: datetime,
) -> int:
    period_id: int = await tx.value(INSERT_PAID, user_id, plan_code, payment_id, days, granted_at, start, end)
    return period_id


async def get_plan_and_end(
    session: AsyncSession, user_id: int
) -> tuple[Plan, datetime | None, datetime] | None:
    """The plan of the span that contains now, else FREE; the end of the last span of PRO, be it over; and now."""
    pro_until = (
        select(LAST_END)
        .join(Plan, Plan.code == Period.plan_code)
        .where(Period.user_id == user_id, Plan.price > 0, ~Plan.is_test)
        .scalar_subquery()
    )
    statement = select(Plan, pro_until, billing_now()).where(
        Plan.code == func.plan_in_force(user_id, billing_now())
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])
