"""The SQL of subscriptions and periods."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, func, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import billing_now
from billing_service.plans.models import Plan
from billing_service.subscriptions.models import Period, Subscription

END: ColumnElement[datetime] = func.upper(Period.span, type_=DateTime(timezone=True))
LAST_END: ColumnElement[datetime | None] = func.max(END, type_=DateTime(timezone=True))


async def insert_subscription_once(session: AsyncSession, user_id: int) -> None:
    await session.execute(upsert(Subscription).values(user_id=user_id).on_conflict_do_nothing())


async def lock_subscription(session: AsyncSession, user_id: int) -> Subscription:
    statement = select(Subscription).where(Subscription.user_id == user_id).with_for_update()
    return (await session.scalars(statement)).one()


async def get_last_end(session: AsyncSession, user_id: int) -> datetime | None:
    statement = select(LAST_END).where(Period.user_id == user_id)
    return (await session.execute(statement)).scalar_one()


async def insert_paid_period(
    session: AsyncSession,
    *,
    user_id: int,
    plan_code: str,
    days: int,
    payment_id: UUID,
    granted_at: datetime,
    span: Range[datetime],
) -> int:
    statement = (
        insert(Period)
        .values(
            user_id=user_id,
            plan_code=plan_code,
            cause="payment",
            payment_id=payment_id,
            days=days,
            granted_at=granted_at,
            span=span,
        )
        .returning(Period.id)
    )
    return (await session.execute(statement)).scalar_one()


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
