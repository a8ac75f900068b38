"""The SQL of saved payment methods, of their bindings and refusals."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.columns import columns_of
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Busy
from billing_service.payment_methods.models import ACTIVE, CardBinding, PaymentMethod, Refusal
from billing_service.payment_methods.sealing import SealedId

METHOD, BINDING = columns_of(PaymentMethod), columns_of(CardBinding)
REFUSAL = columns_of(Refusal)


async def get_active_of(
    session: AsyncSession, user_id: int, *, shop_id: str, is_test: bool
) -> PaymentMethod | None:
    """The method that could be charged in this shop."""
    statement = select(PaymentMethod).where(
        PaymentMethod.user_id == user_id,
        PaymentMethod.shop_id == shop_id,
        PaymentMethod.is_test == is_test,
        PaymentMethod.status == ACTIVE,
    )
    return (await session.scalars(statement)).one_or_none()


ANY_ACTIVE = """
    SELECT EXISTS (
        SELECT FROM payment_methods WHERE user_id = $1 AND shop_id = $2 AND is_test = $3 AND status = 'ACTIVE'
    )
"""


async def is_any_active(tx: Transaction, user_id: int, *, shop_id: str, is_test: bool) -> bool:
    active: bool = await tx.value(ANY_ACTIVE, user_id, shop_id, is_test)
    return active


KEEP = "SELECT keep_payment_method($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


async def keep(tx: Transaction, values: tuple[object, ...]) -> str:
    """`kept`, `known` (by its id), `consent_withdrawn`, or `failed` and the SQLSTATE; it never raises the last."""
    outcome: str = await tx.value(KEEP, *values)
    return outcome


END = """
    UPDATE payment_methods SET status = 'ENDED', sealed_id = NULL, ended_at = billing_now()
    WHERE id = $1 AND status = 'ACTIVE' RETURNING user_id, type, title, card_last4, card_brand, expires
"""


async def end(tx: Transaction, method_id: UUID) -> Row | None:
    """Whose it was and how it is shown; None if it could not be charged any more before."""
    return await tx.row(END, method_id)


UNABLE = """
    SELECT EXISTS (
        SELECT FROM shops_unable_to_save WHERE shop_id = $1 AND is_test = $2
            AND refused_at BETWEEN billing_now() - $3::interval AND billing_now() + $4::interval
    )
"""


async def is_unable(tx: Transaction, shop_id: str, *, is_test: bool, within: timedelta) -> bool:
    unable: bool = await tx.value(UNABLE, shop_id, is_test, within, AGREE_WITHIN)
    return unable


MARK_UNABLE = """
    INSERT INTO shops_unable_to_save (shop_id, is_test, refused_at) VALUES ($1, $2, billing_now())
    ON CONFLICT (shop_id, is_test) DO UPDATE SET refused_at = excluded.refused_at
"""


async def mark_unable(tx: Transaction, shop_id: str, *, is_test: bool) -> None:
    await tx.execute(MARK_UNABLE, shop_id, is_test)


class Charge(NamedTuple):
    """A charge of a saved method that is not over. `may_have_left`: a request for it was sent, or is being sent."""

    id: UUID
    amount: Decimal
    currency: str
    may_have_left: bool


# The user's money is locked before.
LOCK_CHARGES = """
    SELECT id, amount, currency, first_sent_at IS NOT NULL AS may_have_left FROM payments
    WHERE user_id = $1 AND payment_method_id IS NOT NULL AND surplus_of IS NULL
        AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
    ORDER BY id FOR UPDATE
"""


async def lock_open_charges(tx: Transaction, user_id: int) -> Sequence[Charge]:
    return [Charge(**row) for row in await tx.rows(LOCK_CHARGES, user_id)]


# Without its bytes nobody can send it, whoever holds which lease; only asking goes on.
STOP_SENDING = """
    UPDATE payments SET request_body = NULL, updated_at = billing_now(),
        status = CASE WHEN first_sent_at IS NULL THEN 'CANCELED' ELSE status END,
        cancellation_party = CASE WHEN first_sent_at IS NULL THEN 'merchant' ELSE cancellation_party END,
        cancellation_reason = CASE WHEN first_sent_at IS NULL THEN 'permission_revoked' ELSE cancellation_reason END
    WHERE id = ANY($1)
"""


async def stop_sending(tx: Transaction, payment_ids: Sequence[UUID]) -> None:
    """Charges that were not sent end; those that may have left are never posted again."""
    await tx.execute(STOP_SENDING, list(payment_ids))


REFUSE = """
    UPDATE payment_methods
    SET status = 'REFUSED', refused_at = billing_now(), sealed_id = NULL, ended_at = coalesce(ended_at, billing_now())
    WHERE user_id = $1 AND status <> 'REFUSED' RETURNING 1
"""


async def refuse_all(tx: Transaction, user_id: int) -> int:
    """Every method the user ever had; how many were not refused before."""
    return len(await tx.rows(REFUSE, user_id))


INSERT_REFUSAL = f"""
    INSERT INTO payment_method_refusals (id, user_id, caller, payer_ip, payer_agent, charge_payment_id)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING {REFUSAL}
"""  # noqa: S608


async def insert_refusal(tx: Transaction, refusal: Refusal) -> Refusal:
    values = (refusal.user_id, refusal.caller, refusal.payer_ip, refusal.payer_agent)
    row = await tx.row(INSERT_REFUSAL, uuid4(), *values, refusal.charge_payment_id)
    return Refusal(**row or {})


LAST_REFUSAL = f"""
    SELECT {REFUSAL} FROM payment_method_refusals WHERE user_id = $1 ORDER BY refused_at DESC, id LIMIT 1
"""  # noqa: S608


async def get_last_refusal(tx: Transaction, user_id: int) -> Refusal | None:
    row = await tx.row(LAST_REFUSAL, user_id)
    return None if row is None else Refusal(**row)


async def list_refusals(tx: Transaction, user_id: int) -> Sequence[Refusal]:
    """The newest first."""
    rows = await tx.rows(
        f"SELECT {REFUSAL} FROM payment_method_refusals WHERE user_id = $1 ORDER BY refused_at DESC, id",  # noqa: S608
        user_id,
    )
    return [Refusal(**row) for row in rows]


# Rows are locked in the order of this list: the user's money first.
OF_B = columns_of(CardBinding, "b")
LOCK_BINDING = f"""
    SELECT {OF_B} FROM subscriptions s JOIN card_bindings b ON b.user_id = s.user_id WHERE b.id = $1 FOR UPDATE OF s, b
"""  # noqa: S608
UNLESS_LOCKED = " SKIP LOCKED"


async def lock_with_money(tx: Transaction, binding_id: UUID) -> CardBinding:
    """The user's money, then the binding. Raises `LookupError` for an unknown id, `Busy` where `tx` may not wait."""
    row = await tx.row(LOCK_BINDING if tx.waits else LOCK_BINDING.rstrip() + UNLESS_LOCKED, binding_id)
    if row is not None:
        return CardBinding(**row)
    user_id = await tx.value("SELECT user_id FROM card_bindings WHERE id = $1", binding_id)
    if user_id is None:
        raise LookupError(f"no binding {binding_id}")
    raise Busy(user_id)


SENDING = f"""
    SELECT {BINDING}, coalesce(send_lease_until > billing_now(), false) AS is_being_sent FROM card_bindings
    WHERE id = $1
"""  # noqa: S608


async def get_with_sending(tx: Transaction, binding_id: UUID) -> tuple[CardBinding, bool]:
    """The binding, and whether somebody is sending it at this moment. Raises `LookupError` for an unknown id."""
    row = await tx.row(SENDING, binding_id)
    if row is None:
        raise LookupError(f"no binding {binding_id}")
    facts = dict(row)
    is_being_sent = bool(facts.pop("is_being_sent"))
    return CardBinding(**facts), is_being_sent


class Met(NamedTuple):
    """What a wish to bind meets, under the user's lock: the binding that has its key, and an open one to go on with."""

    known: CardBinding | None
    open: CardBinding | None


KNOWN = f"""
    SELECT {BINDING} FROM card_bindings WHERE caller = $1 AND user_id = $2 AND idempotency_key = $3
"""  # noqa: S608
OPEN = f"""
    SELECT {BINDING} FROM card_bindings
    WHERE user_id = $1 AND status = 'PENDING' AND shop_id = $2 AND is_test = $3 AND return_url = $4
        AND created_at BETWEEN billing_now() - $5::interval AND billing_now() + $6::interval
    ORDER BY created_at DESC, id LIMIT 1
"""  # noqa: S608


async def get_situation(tx: Transaction, wish: CardBinding, *, young: timedelta) -> Met:
    known = wish.idempotency_key and await tx.row(KNOWN, wish.caller, wish.user_id, wish.idempotency_key)
    if known or wish.idempotency_key:
        return Met(_binding(known or None), None)
    shop = (wish.shop_id, wish.is_test)
    return Met(None, _binding(await tx.row(OPEN, wish.user_id, *shop, wish.return_url, young, AGREE_WITHIN)))


def _binding(row: Row | None) -> CardBinding | None:
    return None if row is None else CardBinding(**row)


FROZEN = (
    *(
        "id",
        "user_id",
        "consent_id",
        "shop_id",
        "is_test",
        "caller",
        "idempotency_key",
        "request_fingerprint",
    ),
    *("return_url", "request_body"),
)
PLACES = ", ".join(f"${number}" for number, _ in enumerate(FROZEN, start=1))
# Whoever inserts is the first to send: a kill from here on leaves the truth, it may have left.
INSERT_CLAIMED = f"""
    INSERT INTO card_bindings
        ({", ".join(FROZEN)}, first_sent_at, last_sent_at, send_lease_until, outcome_unknown)
    VALUES ({PLACES}, billing_now(), billing_now(), billing_now() + ${len(FROZEN) + 1}::interval, true)
    RETURNING {BINDING}
"""  # noqa: S608


async def insert_claimed(tx: Transaction, binding: CardBinding, *, lease: timedelta) -> CardBinding:
    """The row as it is in the database, claimed by whoever inserts: nobody else sends it before the lease is over."""
    row = await tx.row(INSERT_CLAIMED, *(getattr(binding, name) for name in FROZEN), lease)
    return CardBinding(**row or {})


async def set_consent(tx: Transaction, binding_id: UUID, consent_id: UUID) -> None:
    """The user has agreed anew to what is still open."""
    await tx.execute("UPDATE card_bindings SET consent_id = $2 WHERE id = $1", binding_id, consent_id)


MUTABLE = (
    *("status", "request_body", "send_lease_until", "outcome_unknown", "provider_error_id"),
    *("provider_error_code", "sealed_id", "id_digest", "confirmation_url", "payment_method_id"),
)
SAVE = f"""
    UPDATE card_bindings SET
        {", ".join(f"{name} = ${number}" for number, name in enumerate(MUTABLE, start=3))},
        updated_at = billing_now(), seen_at = CASE WHEN $2 THEN billing_now() ELSE seen_at END
    WHERE id = $1 RETURNING {BINDING}
"""  # noqa: S608


async def save(tx: Transaction, binding: CardBinding, *, seen: bool = False) -> CardBinding:
    """Write down what changed of a locked binding. `seen`: the provider has just reported it."""
    row = await tx.row(SAVE, binding.id, seen, *(getattr(binding, name) for name in MUTABLE))
    return CardBinding(**row or {})


async def get_binding(tx: Transaction, binding_id: UUID) -> CardBinding | None:
    return _binding(await tx.row(f"SELECT {BINDING} FROM card_bindings WHERE id = $1", binding_id))  # noqa: S608


async def get_by_digest(tx: Transaction, id_digest: str) -> CardBinding | None:
    statement = f"SELECT {BINDING} FROM card_bindings WHERE id_digest = $1"  # noqa: S608
    return _binding(await tx.row(statement, id_digest))


async def get_stored_digest(tx: Transaction, digests: Sequence[str]) -> str | None:
    """That of these by which a binding is told from another; None if none has one of them."""
    statement = "SELECT id_digest FROM card_bindings WHERE id_digest = ANY($1)"
    digest: str | None = await tx.value(statement, list(digests))
    return digest


async def is_any_in_doubt(tx: Transaction, shop_id: str, *, is_test: bool) -> bool:
    """Whether the provider may have a binding of ours whose id we have not been told."""
    statement = """
        SELECT EXISTS (
            SELECT FROM card_bindings
            WHERE status = 'PENDING' AND id_digest IS NULL AND shop_id = $1 AND is_test = $2
        )
    """
    doubt: bool = await tx.value(statement, shop_id, is_test)
    return doubt


class Stored(NamedTuple):
    """A sealed id where it lies."""

    table: str
    id: UUID
    sealed_id: bytes


STORED = """
    SELECT * FROM (
        SELECT 'payment_methods' AS table, id, sealed_id FROM payment_methods WHERE sealed_id IS NOT NULL
        UNION ALL SELECT 'card_bindings', id, sealed_id FROM card_bindings WHERE sealed_id IS NOT NULL
    ) stored WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2
"""


async def list_stored(tx: Transaction, *, after: UUID | None, limit: int) -> Sequence[Stored]:
    """A page of everything that is sealed, by our ids."""
    return [Stored(**row) for row in await tx.rows(STORED, after, limit)]


async def seal_anew(tx: Transaction, stored: Stored, sealed: SealedId) -> None:
    """Unless it was erased meanwhile."""
    await tx.execute(
        f"UPDATE {stored.table} SET sealed_id = $2, id_digest = $3 WHERE id = $1 AND sealed_id = $4",  # noqa: S608
        stored.id,
        sealed.sealed,
        sealed.digests[0],
        stored.sealed_id,
    )
