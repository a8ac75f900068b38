"""The SQL of plans."""

import json
from collections.abc import Iterator, Mapping, Sequence

from billing_service.kit.columns import columns_of
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.wire import json_of
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


def _plan(row: Row) -> Plan:
    return Plan.of_row({**row, "daily_limits": json.loads(row["daily_limits"])})


async def get_for_money(tx: Transaction, code: str, *, is_test: bool) -> Plan | None:
    """An active plan with a price: one that is on sale, or the one that tries the live shop."""
    row = await tx.row(FOR_MONEY, code, is_test)
    return None if row is None else _plan(row)


async def get_plan(tx: Transaction, code: str) -> Plan | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM subscription_plans WHERE code = $1", code)  # noqa: S608
    return None if row is None else _plan(row)


async def list_plans(tx: Transaction) -> Sequence[Plan]:
    """Those that are not on sale too, by price."""
    rows = await tx.rows(f"SELECT {COLUMNS} FROM subscription_plans ORDER BY price, code")  # noqa: S608
    return [_plan(row) for row in rows]


# Not FOR UPDATE: a checkout that names the plan in a foreign key need not wait.
LOCK = f"SELECT {COLUMNS} FROM subscription_plans WHERE code = $1 FOR NO KEY UPDATE"  # noqa: S608


async def lock_plan(tx: Transaction, code: str) -> Plan | None:
    row = await tx.row(LOCK, code)
    return None if row is None else _plan(row)


TERMS = (
    *(
        "display_name",
        "description",
        "price",
        "old_price",
        "duration_days",
        "daily_photo_limit",
        "daily_limits",
        "history_days",
    ),
    *("ai_recognition", "advanced_stats", "priority_support", "is_active", "vat_code"),
)
_NAMES = ", ".join(TERMS)
_VALUES = ", ".join(f"${place}" for place, _ in enumerate(TERMS, 2))
INSERT = f"INSERT INTO subscription_plans (code, {_NAMES}) VALUES ($1, {_VALUES}) ON CONFLICT DO NOTHING RETURNING code"  # noqa: S608
UPDATE = (
    f"UPDATE subscription_plans SET ({_NAMES}, updated_at) = ROW ({_VALUES}, billing_now()) WHERE code = $1"  # noqa: S608
)


async def insert_plan(tx: Transaction, code: str, terms: Mapping[str, object]) -> bool:
    """False if there is one with this code."""
    return await tx.value(INSERT, code, *_values(terms)) is not None


async def update_plan(tx: Transaction, code: str, terms: Mapping[str, object]) -> None:
    await tx.execute(UPDATE, code, *_values(terms))


def _values(terms: Mapping[str, object]) -> Iterator[object]:
    for name in TERMS:
        yield json_of(terms[name]).decode() if name == "daily_limits" else terms[name]
