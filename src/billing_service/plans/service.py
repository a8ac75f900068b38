"""What is sold right now."""

import re

from billing_service.kit.transaction import Transaction
from billing_service.plans import queries
from billing_service.plans.models import Plan

PLAN_CODE = re.compile(r"[A-Z0-9_]{1,64}")


async def get_for_sale(tx: Transaction, code: str) -> Plan | None:
    """A plan that anybody may buy: active, not a test plan, not free; None for every other code."""
    return await queries.get_for_money(tx, code, is_test=False) if PLAN_CODE.fullmatch(code) else None


async def get_any(tx: Transaction, code: str) -> Plan | None:
    """On sale or not."""
    return await queries.get_plan(tx, code)


async def get_test_plan(tx: Transaction, code: str) -> Plan | None:
    """A plan that is never on sale, for whoever may try the shop."""
    return await queries.get_for_money(tx, code, is_test=True)


async def get_with_a_price(tx: Transaction, code: str) -> Plan | None:
    """A plan that money may have been paid for, on sale or not, a test plan too."""
    plan = await queries.get_plan(tx, code) if PLAN_CODE.fullmatch(code) else None
    return plan if plan is not None and plan.price > 0 else None


async def can_be_granted(tx: Transaction, code: str) -> bool:
    """Whether days of this plan can be given: it costs money and is not the test of the shop; on sale or not."""
    plan = await queries.get_plan(tx, code)
    return plan is not None and plan.is_pro
