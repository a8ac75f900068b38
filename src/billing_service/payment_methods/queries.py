"""The SQL of saved payment methods, and of their refusals."""

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
from billing_service.payment_methods.models import ACTIVE, PaymentMethod, Refusal
from billing_service.payment_methods.sealing import SealedId

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
    """`kept`, `known` (by its id), `consent_withdrawn`, `older` than what the user chose since, or `failed` and the
    SQLSTATE; it never raises the last."""
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
            AND (refused_at BETWEEN billing_now() - $3::interval AND billing_now() + $4::interval
                OR $5 AND binding_refused_at BETWEEN billing_now() - $3::interval AND billing_now() + $4::interval)
    )
"""


async def is_unable(
    tx: Transaction, shop_id: str, *, is_test: bool, within: timedelta, to_bind: bool
) -> bool:
    unable: bool = await tx.value(UNABLE, shop_id, is_test, within, AGREE_WITHIN, to_bind)
    return unable


MARK_UNABLE = """
    INSERT INTO shops_unable_to_save (shop_id, is_test, refused_at) VALUES ($1, $2, billing_now())
    ON CONFLICT (shop_id, is_test) DO UPDATE SET refused_at = excluded.refused_at
"""
MARK_UNABLE_TO_BIND = """
    INSERT INTO shops_unable_to_save (shop_id, is_test, binding_refused_at) VALUES ($1, $2, billing_now())
    ON CONFLICT (shop_id, is_test) DO UPDATE SET binding_refused_at = excluded.binding_refused_at
"""


async def mark_unable(tx: Transaction, shop_id: str, *, is_test: bool) -> None:
    await tx.execute(MARK_UNABLE, shop_id, is_test)


async def mark_unable_to_bind(tx: Transaction, shop_id: str, *, is_test: bool) -> None:
    await tx.execute(MARK_UNABLE_TO_BIND, shop_id, is_test)


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
