"""The SQL of the register: it follows from the rows of payments and refunds, so that no entry can be missing.

No index serves it: the law's yearly limit keeps a year below some ten thousand rows.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Row, Transaction

MOSCOW = "AT TIME ZONE 'Europe/Moscow'"


class Shop(NamedTuple):
    """Whose register: that of the test shop or of the live one, from its first day (in Moscow) on; None keeps none."""

    is_test: bool
    since: date | None


class Entry(NamedTuple):
    """One succeeded payment (`income`) or refund (`return`); `entry_id` is its id.

    It happened in `month`; `income_month` is that of the sale, to which the tax office counts a return as well. Both
    are first days, in Moscow. Without `number` it is open.
    """

    entry_id: UUID
    kind: str
    payment_id: UUID
    user_id: int
    amount: Decimal
    currency: str
    income_amount: Decimal | None
    description: str
    happened_at: datetime
    month: date
    income_month: date
    number: str | None
    link: str | None
    author: str | None
    registered_at: datetime | None


# $1, $2: `Shop`. A return of what was sold before that day was never this register's income.
REGISTER = f"""
    WITH sold AS (
        SELECT id, user_id, amount, currency, income_amount, description, coalesce(paid_at, created_at) AS sold_at
        FROM payments
        WHERE status = 'SUCCEEDED' AND is_test = $1
            AND coalesce(paid_at, created_at) >= ($2::date)::timestamp {MOSCOW}
    ), entries AS (
        SELECT id AS entry_id, 'income' AS kind, id AS payment_id, user_id, amount, currency, income_amount,
            description, sold_at AS happened_at, sold_at
        FROM sold
        UNION ALL
        SELECT r.id, 'return', sold.id, sold.user_id, r.amount, r.currency, NULL, sold.description,
            coalesce(r.completed_at, r.created_at), sold.sold_at
        FROM refunds r JOIN sold ON sold.id = r.payment_id WHERE r.status = 'SUCCEEDED'
    ), register AS (
        SELECT entry_id, kind, e.payment_id, user_id, amount, currency, income_amount, description, happened_at,
            date_trunc('month', happened_at {MOSCOW})::date AS month,
            date_trunc('month', sold_at {MOSCOW})::date AS income_month,
            number, link, author, registered_at
        FROM entries e LEFT JOIN npd_registrations n ON coalesce(n.payment_id, n.refund_id) = entry_id
    )
"""  # noqa: S608 (constants)
LIST = f"""
    {REGISTER} SELECT {", ".join(Entry._fields)} FROM register
    WHERE month = coalesce($3, date_trunc('month', billing_now() {MOSCOW})::date)
        AND ($4::boolean IS NULL OR (number IS NULL) = $4)
    ORDER BY happened_at, entry_id
"""  # noqa: S608
GET = f"{REGISTER} SELECT {', '.join(Entry._fields)} FROM register WHERE entry_id = $3"  # noqa: S608


async def list_entries(
    tx: Transaction, shop: Shop, month: date | None, *, is_open: bool | None
) -> Sequence[Entry]:
    """What happened in a month (the current one, if none is named), the oldest first."""
    return [Entry(**row) for row in await tx.rows(LIST, *shop, month, is_open)]


async def get_entry(tx: Transaction, shop: Shop, entry_id: UUID) -> Entry | None:
    row = await tx.row(GET, *shop, entry_id)
    return None if row is None else Entry(**row)


UPSERT = {
    kind: f"""
        INSERT INTO npd_registrations ({column}, number, link, author, caller) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ({column}) DO UPDATE SET number = excluded.number, link = excluded.link,
            author = excluded.author, caller = excluded.caller, registered_at = billing_now()
    """  # noqa: S608
    for kind, column in (("income", "payment_id"), ("return", "refund_id"))
}


async def upsert_registration(
    tx: Transaction, entry: Entry, *, number: str, link: str | None, author: str, caller: str
) -> None:
    await tx.execute(UPSERT[entry.kind], entry.entry_id, number, link, author, caller)


async def get_link(tx: Transaction, payment_id: UUID) -> str | None:
    link: str | None = await tx.value("SELECT link FROM npd_registrations WHERE payment_id = $1", payment_id)
    return link


class Month(NamedTuple):
    """Of all that was sold in a month: what came in, what of it went back whenever, what stayed; in roubles.

    `after_fee` is what the provider's fee left of `income`; None while that is not known of every payment. `open` are
    the sales and returns that are not registered yet.
    """

    month: date
    income: Decimal
    returned: Decimal
    kept: Decimal
    after_fee: Decimal | None
    open: int


FIGURES = """
    coalesce(sum(amount) FILTER (WHERE kind = 'income'), 0.00) AS income,
    coalesce(sum(amount) FILTER (WHERE kind = 'return'), 0.00) AS returned,
    coalesce(sum(CASE kind WHEN 'income' THEN amount ELSE -amount END), 0.00) AS kept
"""
SUMMARY = f"""
    {REGISTER} SELECT income_month AS month, {FIGURES},
        CASE WHEN bool_and(income_amount IS NOT NULL) FILTER (WHERE kind = 'income')
            THEN sum(income_amount) END AS after_fee,
        count(*) FILTER (WHERE number IS NULL) AS open
    FROM register
    WHERE extract(year FROM income_month) = coalesce($3, extract(year FROM billing_now() {MOSCOW}))
    GROUP BY income_month ORDER BY income_month
"""  # noqa: S608


async def list_months(tx: Transaction, shop: Shop, year: int | None) -> Sequence[Month]:
    """The months of a year (the current one, if none is named) in which anything was sold."""
    return [Month(**row) for row in await tx.rows(SUMMARY, *shop, year)]


TODAY = f"SELECT (billing_now() {MOSCOW})::date"


async def get_today(tx: Transaction) -> date:
    """The date in Moscow."""
    row: Row | None = await tx.row(f"{TODAY} AS today")
    assert row is not None  # noqa: S101 (it always answers)
    today: date = row["today"]
    return today
