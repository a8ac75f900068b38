"""The SQL of refund requests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Transaction


class Case(NamedTuple):
    """A request with its payment; open while `concluded_at` is None."""

    id: UUID
    number: int
    payment_id: UUID
    user_id: int
    amount: Decimal
    currency: str
    reason: str
    created_at: datetime
    answer_by: datetime
    concluded_at: datetime | None
    refund_id: UUID | None
    refused_by: str | None
    refusal: str | None


FOUND = """
    SELECT c.id, c.number, c.payment_id, p.user_id, p.amount, p.currency, c.reason, c.created_at, c.answer_by,
        c.concluded_at, c.refund_id, c.refused_by, c.refusal
    FROM refund_requests c JOIN payments p ON p.id = c.payment_id
"""


async def get_case(tx: Transaction, case_id: UUID) -> Case | None:
    row = await tx.row(f"{FOUND} WHERE c.id = $1", case_id)
    return None if row is None else Case(**row)


async def get_newest(tx: Transaction, payment_id: UUID) -> Case | None:
    """The open one of this payment, else the last."""
    row = await tx.row(f"{FOUND} WHERE c.payment_id = $1 ORDER BY c.number DESC LIMIT 1", payment_id)
    return None if row is None else Case(**row)


async def list_open(tx: Transaction, *, limit: int) -> Sequence[Case]:
    """The one that must be answered first comes first."""
    rows = await tx.rows(f"{FOUND} WHERE c.concluded_at IS NULL ORDER BY c.answer_by, c.id LIMIT $1", limit)
    return [Case(**row) for row in rows]


# Those that nobody was told of yet.
OVERDUE = f"""
    {FOUND} WHERE c.concluded_at IS NULL AND c.answer_by < billing_now()
        AND NOT EXISTS (SELECT FROM alarms WHERE kind = 'refund_request_overdue' AND subject = c.id::text)
    ORDER BY c.answer_by LIMIT $1
"""


async def list_overdue(tx: Transaction, *, limit: int) -> Sequence[Case]:
    """The one that should have been answered first comes first; one that an alarm stands about is none."""
    return [Case(**row) for row in await tx.rows(OVERDUE, limit)]


CONCLUDED = "SELECT id FROM refund_requests WHERE id = ANY ($1::uuid[]) AND concluded_at IS NOT NULL"


async def list_concluded(tx: Transaction, case_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those of them that were answered."""
    return [row["id"] for row in await tx.rows(CONCLUDED, list(case_ids))]


INSERT = """
    INSERT INTO refund_requests (id, payment_id, reason, answer_by) VALUES ($1, $2, $3, billing_now() + $4::interval)
"""
# Whoever has sent the money back meanwhile has answered otherwise.
REFUSE = """
    UPDATE refund_requests c SET concluded_at = billing_now(), refused_by = $2, refusal = $3
    WHERE id = $1 AND concluded_at IS NULL AND NOT EXISTS (
        SELECT FROM refunds r
        WHERE r.payment_id = c.payment_id AND r.status = 'PENDING' AND r.created_at >= c.created_at)
    RETURNING id
"""


async def insert_case(tx: Transaction, case_id: UUID, payment_id: UUID, reason: str, time: timedelta) -> None:
    await tx.execute(INSERT, case_id, payment_id, reason, time)


async def set_refused(tx: Transaction, case_id: UUID, *, author: str, reason: str) -> bool:
    """False if it is concluded already, or about to be by a refund that is on its way."""
    return await tx.value(REFUSE, case_id, author, reason) is not None


UNUSED = """
    SELECT greatest(upper(span) - greatest(lower(span), billing_now()), interval '0') FROM subscription_periods
    WHERE id = $1 AND NOT isempty(span)
"""


async def get_unused(tx: Transaction, period_id: int) -> timedelta:
    """What nobody has used yet of this period."""
    unused: timedelta | None = await tx.value(UNUSED, period_id)
    return unused or timedelta(0)
