"""The SQL of the repair: whose money is known here, and who has less than he paid for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Transaction

SINCE = "SELECT min(created_at) - interval '1 day' AS since, billing_now() AS now FROM payments WHERE caller = 'legacy'"


async def get_window(tx: Transaction) -> tuple[datetime | None, datetime]:
    """From a day before the first payment there until now; nothing to look at without one."""
    row = await tx.row(SINCE)
    assert row is not None  # noqa: S101 (it always answers)
    return row["since"], row["now"]


class Known(NamedTuple):
    """A payment of ours, as far as it matters here; `returned` of it has gone back."""

    id: UUID
    user_id: int
    yookassa_payment_id: str | None
    status: str
    returned: Decimal


KNOWN = """
    SELECT p.id, p.user_id, p.yookassa_payment_id, p.status, coalesce(
        (SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED'), 0) AS returned
    FROM payments p WHERE p.yookassa_payment_id = ANY($1) OR p.id = ANY($2)
"""


async def list_known(
    tx: Transaction, objects: Collection[str], named: Collection[UUID]
) -> tuple[Mapping[str, Known], Mapping[UUID, Known]]:
    """By the provider's id, and by ours."""
    found = [Known(**row) for row in await tx.rows(KNOWN, list(objects), list(named))]
    return {one.yookassa_payment_id: one for one in found if one.yookassa_payment_id}, {
        one.id: one for one in found
    }


# As `differences.BOUGHT`, of what stands here: what was imported and did not go back, without those that were given
# days of their own since. Of two who have become one nobody can tell whose payments were in whose access.
SHORT = """
    WITH bought AS (
        SELECT p.user_id, p.id, p.yookassa_payment_id, p.duration_days, p.paid_at,
            sum(p.duration_days) OVER (PARTITION BY p.user_id ORDER BY p.paid_at DESC) AS days
        FROM payments p
        WHERE p.user_id > $1 AND p.user_id <= $2 AND p.caller = 'legacy' AND p.imported AND p.status = 'SUCCEEDED'
            AND p.plan_code IS NOT NULL AND NOT EXISTS (SELECT FROM user_moves m WHERE m.to_user_id = p.user_id)
            AND p.amount > (
                SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED')
    ), short AS (
        SELECT b.user_id, CASE WHEN a.plan_code <> 'FREE' THEN a.end_date END AS ends
        FROM bought b LEFT JOIN legacy_access a USING (user_id)
        GROUP BY b.user_id, a.plan_code, a.end_date
        HAVING max(b.paid_at + b.days * interval '24 hours')
            > coalesce(CASE WHEN a.plan_code <> 'FREE' THEN a.end_date END, '-infinity') + interval '1 hour'
    )
    SELECT s.user_id, s.ends, b.id, b.yookassa_payment_id, b.duration_days AS days, b.paid_at
    FROM short s JOIN bought b USING (user_id) ORDER BY s.user_id, b.paid_at, b.id
"""


class Bought(NamedTuple):
    """A payment that was imported with all its money."""

    id: UUID
    yookassa_payment_id: str | None
    days: int
    paid_at: datetime


class Short(NamedTuple):
    """A user who paid for more than he had there until `ends` (None: on FREE); his payments, the oldest first."""

    user_id: int
    ends: datetime | None
    payments: Sequence[Bought]


NEXT = """
    SELECT max(user_id) FROM (
        SELECT user_id FROM subscriptions WHERE user_id > $1 ORDER BY user_id LIMIT $2) bite
"""


async def list_short(tx: Transaction, *, after: int, users: int) -> tuple[Sequence[Short], int | None]:
    """Those among the next so many users, and the last of these; None if there was nobody left."""
    until: int | None = await tx.value(NEXT, after, users)
    found: dict[int, Short] = {}
    for row in await tx.rows(SHORT, after, until) if until else ():
        short = found.setdefault(row["user_id"], Short(row["user_id"], row["ends"], []))
        bought = Bought(row["id"], row["yookassa_payment_id"], row["days"], row["paid_at"])
        found[short.user_id] = short._replace(payments=[*short.payments, bought])
    return list(found.values()), until
