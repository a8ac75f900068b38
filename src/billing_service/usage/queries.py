"""The statements of daily usage. Its decisions are SQL functions (migrations/versions/usage.sql): one round trip."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import billing_now
from billing_service.kit.statement_pool import StatementPool
from billing_service.usage.models import DailyUsage, UsageOperation

TODAY = "SELECT * FROM usage_today($1, $2)"
ADMIT = "SELECT * FROM usage_admit($1, $2, $3, $4, $5)"
COMMIT = "SELECT * FROM usage_commit($1, $2, $3)"
RELEASE = "SELECT * FROM usage_release($1, $2, $3)"

Row = Mapping[str, Any]


async def get_today(statements: StatementPool, user_id: int, zone: str) -> Row:
    return await statements.fetch_one(TODAY, user_id, zone)


async def admit(
    statements: StatementPool,
    user_id: int,
    *,
    amount: int,
    operation_id: str | None,
    hold_for: timedelta | None,
    zone: str,
) -> Row:
    return await statements.fetch_one(ADMIT, user_id, amount, operation_id, hold_for, zone)


async def commit(statements: StatementPool, operation_id: str, zone: str, *, wait: bool) -> Row:
    return await statements.fetch_one(COMMIT, operation_id, zone, wait)


async def release(statements: StatementPool, operation_id: str, zone: str, *, wait: bool) -> Row:
    return await statements.fetch_one(RELEASE, operation_id, zone, wait)


async def reset_today(session: AsyncSession, user_id: int, zone: str) -> int:
    """Count nothing for today; answers what was counted before."""
    today = func.usage_day(billing_now(), zone)
    mine = (
        select(DailyUsage.date, DailyUsage.photo_ai_requests)
        .where(DailyUsage.user_id == user_id, DailyUsage.date == today)
        .with_for_update()
    )
    row = (await session.execute(mine)).one_or_none()
    if row is None:
        return 0
    day, counted = row
    that_day = (DailyUsage.user_id == user_id, DailyUsage.date == day)
    await session.execute(update(DailyUsage).where(*that_day).values(photo_ai_requests=0))
    return counted


async def delete_operations(session: AsyncSession, *, older_than: timedelta) -> int:
    old = delete(UsageOperation).where(UsageOperation.changed_at < billing_now() - older_than)
    return len((await session.execute(old.returning(UsageOperation.operation_id))).all())


async def delete_days(session: AsyncSession, *, older_than: timedelta) -> int:
    old = delete(DailyUsage).where(DailyUsage.date < billing_now() - older_than)
    return len((await session.execute(old.returning(DailyUsage.user_id))).all())
