"""The SQL of plans."""

from collections.abc import Sequence

from billing_service.kit.columns import columns_of
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row, Transaction
from billing_service.plans.models import Plan

ON_SALE = """
SELECT code, display_name, price::text, old_price::float8, duration_days, daily_photo_limit, history_days,
    ai_recognition, advanced_stats, priority_support
FROM subscription_plans WHERE is_active AND NOT is_test ORDER BY subscription_plans.price, code
"""


async def list_on_sale(statements: StatementPool) -> Sequence[Row]:
    """Every visitor asks for it: a direct statement, and prices as they are written."""
    return await statements.fetch(ON_SALE)


COLUMNS = columns_of(Plan)
FOR_MONEY = (
    f"SELECT {COLUMNS} FROM subscription_plans WHERE code = $1 AND is_active AND is_test = $2 AND price > 0"  # noqa: S608
)


async def get_for_money(tx: Transaction, code: str, *, is_test: bool) -> Plan | None:
    """An active plan with a price: one that is on sale, or the one that tries the live shop."""
    row = await tx.row(FOR_MONEY, code, is_test)
    return None if row is None else Plan(**row)


async def get_plan(tx: Transaction, code: str) -> Plan | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM subscription_plans WHERE code = $1", code)  # noqa: S608
    return None if row is None else Plan(**row)
