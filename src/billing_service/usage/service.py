"""What a user may use today."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import get_now
from billing_service.subscriptions.service import Access, get_access
from billing_service.usage import queries
from billing_service.usage.days import day_of, next_midnight


@dataclass(frozen=True)
class Today:
    """Access and usage at one instant. A limit of None means unlimited."""

    access: Access
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int | None:
        limit = self.access.plan.daily_photo_limit
        return None if limit is None else max(limit - self.used, 0)


async def get_today(session: AsyncSession, user_id: int, zone: ZoneInfo) -> Today:
    """Never writes; a user we have never seen has used nothing of FREE."""
    now = await get_now(session)
    access = await get_access(session, user_id)
    used = await queries.get_used(session, user_id, day_of(now, zone))
    return Today(access, used, next_midnight(now, zone))
