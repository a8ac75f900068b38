"""The SQL of plans."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.plans.models import Plan


async def list_on_sale(session: AsyncSession) -> Sequence[Plan]:
    statement = select(Plan).where(Plan.is_active, ~Plan.is_test).order_by(Plan.price, Plan.code)
    return (await session.scalars(statement)).all()


async def get_for_sale(session: AsyncSession, code: str) -> Plan | None:
    statement = select(Plan).where(Plan.code == code, Plan.is_active, ~Plan.is_test, Plan.price > 0)
    return (await session.scalars(statement)).one_or_none()


async def get_test_plan(session: AsyncSession, code: str) -> Plan | None:
    statement = select(Plan).where(Plan.code == code, Plan.is_active, Plan.is_test, Plan.price > 0)
    return (await session.scalars(statement)).one_or_none()
