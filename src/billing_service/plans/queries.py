"""The SQL of plans."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.statement_pool import Row, StatementPool
from billing_service.plans.models import Plan

ON_SALE = """
SELECT code, display_name, price::text, old_price::float8, duration_days, daily_photo_limit, history_days,
    ai_recognition, advanced_stats, priority_support
FROM subscription_plans WHERE is_active AND NOT is_test ORDER BY subscription_plans.price, code
"""


async def list_on_sale(statements: StatementPool) -> Sequence[Row]:
    """Every visitor asks for it: a direct statement, and prices as they are written."""
    return await statements.fetch(ON_SALE)


async def get_for_sale(session: AsyncSession, code: str) -> Plan | None:
    statement = select(Plan).where(Plan.code == code, Plan.is_active, ~Plan.is_test, Plan.price > 0)
    return (await session.scalars(statement)).one_or_none()


async def get_test_plan(session: AsyncSession, code: str) -> Plan | None:
    statement = select(Plan).where(Plan.code == code, Plan.is_active, Plan.is_test, Plan.price > 0)
    return (await session.scalars(statement)).one_or_none()
