"""The SQL of daily usage."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.usage.models import DailyUsage


async def get_used(session: AsyncSession, user_id: int, day: date) -> int:
    statement = select(DailyUsage.photo_ai_requests).where(
        DailyUsage.user_id == user_id, DailyUsage.date == day
    )
    return (await session.execute(statement)).scalar_one_or_none() or 0
