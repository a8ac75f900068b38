"""What is sold right now."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.plans import queries
from billing_service.plans.models import Plan
from billing_service.web.errors import InvalidPlan, LiveTestPlanNotFound

PLAN_CODE = re.compile(r"[A-Z0-9_]{1,64}")


async def get_for_sale(session: AsyncSession, code: str) -> Plan:
    """A plan that anybody may buy: active, not a test plan, not free. Raises `InvalidPlan` for every other code."""
    plan = await queries.get_for_sale(session, code) if PLAN_CODE.fullmatch(code) else None
    if plan is None:
        raise InvalidPlan
    return plan


async def get_test_plan(session: AsyncSession, code: str) -> Plan:
    """A plan that is never on sale, for whoever may try the shop. Raises `LiveTestPlanNotFound`."""
    plan = await queries.get_test_plan(session, code)
    if plan is None:
        raise LiveTestPlanNotFound
    return plan
