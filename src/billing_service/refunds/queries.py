"""The SQL of refunds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.columns import columns_of
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Busy
from billing_service.receipts import queries as receipts
from billing_service.refunds.models import Refund

COLUMNS, OF_R = columns_of(Refund), columns_of(Refund, "r")


class Paid(NamedTuple):
    """What a refund needs to know of its payment. `period_id`: what it bought, None if nothing or not yet."""

    id: UUID
    user_id: int
    amount: Decimal
    currency: str
    status: str
    purpose: str
    shop_id: str
    is_test: bool
    yookassa_payment_id: str | None
    description: str
    duration_days: int | None
    imported: bool
    period_id: int | None

    @property
    def is_settled(self) -> bool:
        return self.status == "SUCCEEDED"


OF_P = ", ".join(f"p.{name}" for name in Paid._fields)
# Rows are locked in the order of this list: the user's money first.
LOCK_PAID = f"""
    SELECT {OF_P} FROM subscriptions s JOIN payments p ON p.user_id = s.user_id WHERE p.id = $1 FOR UPDATE OF s, p
"""  # noqa: S608
LOCK_PAID_BY_OBJECT = f"""
    SELECT {OF_P} FROM subscriptions s JOIN payments p ON p.user_id = s.user_id
    WHERE p.yookassa_payment_id = $1 FOR UPDATE OF s, p
"""  # noqa: S608
LOCK = f"""
    SELECT {OF_R} FROM subscriptions s JOIN payments p ON p.user_id = s.user_id JOIN refunds r ON r.payment_id = p.id
    WHERE r.id = $1 FOR UPDATE OF s, p, r
"""  # noqa: S608


UNLESS_LOCKED = " SKIP LOCKED"


async def lock_paid(tx: Transaction, payment_id: UUID) -> Paid | None:
    """The user's money, then the payment; None for an unknown id. Raises `Busy` where `tx` may not wait for them, and
    where they became another user's while it waited."""
    return _paid(await _locked(tx, LOCK_PAID, payment_id, "SELECT user_id FROM payments WHERE id = $1"))


async def lock_paid_by_object(tx: Transaction, yookassa_payment_id: str) -> Paid | None:
    """The same by the provider's id."""
    owner = "SELECT user_id FROM payments WHERE yookassa_payment_id = $1"
    return _paid(await _locked(tx, LOCK_PAID_BY_OBJECT, yookassa_payment_id, owner))


async def get_paid(tx: Transaction, payment_id: UUID) -> Paid:
    """The payment of a refund."""
    paid = _paid(await tx.row(f"SELECT {OF_P} FROM payments p WHERE p.id = $1", payment_id))  # noqa: S608
    assert paid is not None  # noqa: S101 (a foreign key says so)
    return paid


def _paid(row: Row | None) -> Paid | None:
    return None if row is None else Paid(**row)


async def lock_with_money(tx: Transaction, refund_id: UUID) -> Refund:
    """The user's money, the payment, then the refund.

    Raises `LookupError` for an unknown id, and `Busy` where `tx` may not wait for somebody else who has them, or where
    they became another user's while it waited.
    """
    owner = "SELECT p.user_id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.id = $1"
    row = await _locked(tx, LOCK, refund_id, owner)
    if row is None:
        raise LookupError(f"no refund {refund_id}")
    return Refund.of_row(row)


async def _locked(tx: Transaction, lock: str, value: object, owner: str) -> Row | None:
    row = await tx.row(lock if tx.waits else lock.rstrip() + UNLESS_LOCKED, value)
    if row is None and (user_id := await tx.value(owner, value)) is not None:
        raise Busy(user_id)
    return row


async def get_refund(tx: Transaction, refund_id: UUID) -> Refund | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM refunds WHERE id = $1", refund_id)  # noqa: S608
    return None if row is None else Refund.of_row(row)


async def list_refunds_of(tx: Transaction, payment_id: UUID) -> Sequence[Refund]:
    """Every refund of a payment, the oldest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM refunds WHERE payment_id = $1 ORDER BY created_at, id",  # noqa: S608
        payment_id,
    )
    return [Refund.of_row(row) for row in rows]


class Situation(NamedTuple):
    """What a wish to refund meets, under the payment's lock.

    `known` has its key, at this payment or another one of the same user, of whom two that became one may have both;
    `returned` has gone back, `open` may yet.
    """

    known: UUID | None
    returned: Decimal
    open: Decimal


SITUATION = """
    SELECT
        (SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE r.caller = $2 AND r.idempotency_key = $3
                AND p.user_id = (SELECT user_id FROM payments WHERE id = $1)
            ORDER BY p.id <> $1, r.created_at, r.id LIMIT 1) AS known,
        coalesce(sum(amount) FILTER (WHERE status = 'SUCCEEDED'), 0.00) AS returned,
        coalesce(sum(amount) FILTER (WHERE status = 'PENDING'), 0.00) AS open
    FROM refunds WHERE payment_id = $1
"""


async def get_situation(tx: Transaction, payment_id: UUID, *, caller: str, key: str) -> Situation:
    """Everything a refund decides by, in one statement, sent after the lock was obtained."""
    return Situation(**(await tx.row(SITUATION, payment_id, caller, key) or {}))


FROZEN = (
    *("id", "payment_id", "amount", "currency", "shop_id", "is_test", "made_by", "access", "access_stated"),
    *("reason", "author", "caller", "idempotency_key", "request_fingerprint", "request_body"),
    "receipt_registration",
)
PLACES = ", ".join(f"${number}" for number, _ in enumerate(FROZEN, start=1))
# Whoever inserts is the first to send: a kill from here on leaves the truth, it may have left. What does not fit the
# payment is refused by the table itself (`refund_fits_its_payment`).
INSERT_CLAIMED = f"""
    WITH contact AS ({receipts.KEEP_ALONG.format(user=f"${len(FROZEN) + 2}::bigint", sealed=f"${len(FROZEN) + 3}")})
    INSERT INTO refunds
        ({", ".join(FROZEN)}, first_sent_at, last_sent_at, send_lease_until, outcome_unknown)
    VALUES ({PLACES}, billing_now(), billing_now(), billing_now() + ${len(FROZEN) + 1}::interval, true)
    RETURNING {COLUMNS}
"""  # noqa: S608


async def insert_claimed(
    tx: Transaction, refund: Refund, *, lease: timedelta, user_id: int, contact: bytes | None = None
) -> Refund:
    """The row as it is in the database, claimed by whoever inserts: nobody else sends it before the lease is over.
    `contact`: where the user's receipts go from now on, sealed."""
    values = [getattr(refund, name) for name in FROZEN]
    row = await tx.row(INSERT_CLAIMED, *values, lease, user_id, contact)
    return Refund.of_row(row or {})


# Made in the provider's cabinet, it is there already; it may have been made long before we heard of it.
INSERT_SEEN = """
    INSERT INTO refunds
        (id, payment_id, amount, currency, shop_id, is_test, made_by, reason, yookassa_refund_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, 'cabinet', $7, $8, least($9, billing_now()))
    ON CONFLICT (yookassa_refund_id) DO NOTHING
"""


async def insert_seen_once(
    tx: Transaction,
    *,
    refund_id: UUID,
    paid: Paid,
    amount: Decimal,
    currency: str,
    reason: str,
    yookassa_refund_id: str,
    created_at: datetime,
) -> UUID:
    """A row for a refund that the provider has; the one that is there, if somebody else has just made it."""
    values = (refund_id, paid.id, amount, currency, paid.shop_id, paid.is_test, reason, yookassa_refund_id)
    await tx.execute(INSERT_SEEN, *values, created_at)
    holder = await get_holder(tx, yookassa_refund_id)
    assert holder is not None  # noqa: S101 (inserted, by us or by somebody else)
    return holder


async def get_holder(tx: Transaction, yookassa_refund_id: str) -> UUID | None:
    """Our refund that has this object of the provider's."""
    holder: UUID | None = await tx.value(
        "SELECT id FROM refunds WHERE yookassa_refund_id = $1", yookassa_refund_id
    )
    return holder


MUTABLE = (
    *("status", "request_body", "send_lease_until", "outcome_unknown", "provider_error_id"),
    *("provider_error_code", "refusal", "yookassa_refund_id", "cancellation_party", "cancellation_reason"),
    *("access", "access_cut", "receipt_registration"),
)
AT = {name: f"${number}" for number, name in enumerate(MUTABLE, start=3)}
SAVE = f"""
    UPDATE refunds SET
        {", ".join(f"{name} = {place}" for name, place in AT.items())},
        updated_at = billing_now(),
        receipt_ask_at = {receipts.ASK_AT.format(status=AT["status"], registration=AT["receipt_registration"])},
        seen_at = CASE WHEN $2 THEN billing_now() ELSE seen_at END,
        applied_at = CASE WHEN {AT["access_cut"]}::interval IS NOT NULL THEN coalesce(applied_at, billing_now()) END,
        completed_at = CASE {AT["status"]} WHEN 'PENDING' THEN NULL
            WHEN status THEN coalesce(completed_at, billing_now()) ELSE billing_now() END
    WHERE id = $1 RETURNING {COLUMNS}
"""  # noqa: S608


async def save(tx: Transaction, refund: Refund, *, seen: bool = False) -> Refund:
    """Write down what changed of a locked refund. `seen`: the provider has just reported it."""
    row = await tx.row(SAVE, refund.id, seen, *(getattr(refund, name) for name in MUTABLE))
    return Refund.of_row(row or {})


WAITING = f"""
    SELECT {COLUMNS} FROM refunds WHERE payment_id = $1 AND status = 'SUCCEEDED' AND applied_at IS NULL
    ORDER BY created_at, id FOR UPDATE
"""  # noqa: S608


async def lock_waiting(tx: Transaction, payment_id: UUID) -> Sequence[Refund]:
    """Refunds that have succeeded and have had no effect on access yet, the oldest first."""
    return [Refund.of_row(row) for row in await tx.rows(WAITING, payment_id)]


class Applied(NamedTuple):
    """Of a payment: the money whose return has had its effect, all that went back, and what was taken so far."""

    applied: Decimal
    returned: Decimal
    cut: timedelta


APPLIED = """
    SELECT coalesce(sum(amount) FILTER (WHERE applied_at IS NOT NULL), 0.00) AS applied,
        coalesce(sum(amount), 0.00) AS returned, coalesce(sum(access_cut), interval '0') AS cut
    FROM refunds WHERE payment_id = $1 AND status = 'SUCCEEDED'
"""


async def get_applied(tx: Transaction, payment_id: UUID) -> Applied:
    return Applied(**(await tx.row(APPLIED, payment_id) or {}))


SENDING = f"""
    SELECT {COLUMNS}, coalesce(send_lease_until > billing_now(), false) AS is_being_sent FROM refunds WHERE id = $1
"""  # noqa: S608


async def get_with_sending(tx: Transaction, refund_id: UUID) -> tuple[Refund, bool]:
    """The refund, and whether somebody is sending it at this moment. Raises `LookupError` for an unknown id."""
    row = await tx.row(SENDING, refund_id)
    if row is None:
        raise LookupError(f"no refund {refund_id}")
    facts = dict(row)
    is_being_sent = bool(facts.pop("is_being_sent"))
    return Refund.of_row(facts), is_being_sent


async def is_payment(tx: Transaction, payment_id: UUID) -> bool:
    known: bool = await tx.value("SELECT EXISTS (SELECT FROM payments WHERE id = $1)", payment_id)
    return known
