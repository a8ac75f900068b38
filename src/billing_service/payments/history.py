"""What a payer sees of his payments: each with the money that went back of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Row, Transaction
from billing_service.payments.models import Payment
from billing_service.payments.queries import OF_P


class Shown(NamedTuple):
    """A payment as its payer sees it; `returned` of it has gone back."""

    payment: Payment
    returned: Decimal


SHOWN = f"""
    SELECT {OF_P}, coalesce(
        (SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED'), 0.00
    ) AS returned FROM payments p WHERE p.user_id = $1 AND p.replaced_by IS NULL
"""  # noqa: S608
SHOWN_ONE = f"{SHOWN} AND p.id = $2"
SHOWN_NEWEST = f"{SHOWN} ORDER BY p.created_at DESC, p.id DESC LIMIT $2"


async def get_shown(tx: Transaction, user_id: int, payment_id: UUID) -> Shown | None:
    """None for another user's too."""
    row = await tx.row(SHOWN_ONE, user_id, payment_id)
    return None if row is None else _shown(row)


async def list_newest(tx: Transaction, user_id: int, *, limit: int) -> Sequence[Shown]:
    return [_shown(row) for row in await tx.rows(SHOWN_NEWEST, user_id, limit)]


def _shown(row: Row) -> Shown:
    facts = dict(row)
    returned = facts.pop("returned")
    return Shown(Payment.of_row(facts), returned)
