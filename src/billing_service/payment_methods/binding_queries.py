"""The SQL of bindings: a method kept without a purchase."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.columns import columns_of
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Busy
from billing_service.payment_methods.models import CardBinding

BINDING, OF_B = columns_of(CardBinding), columns_of(CardBinding, "b")
# Rows are locked in the order of this list: the user's money first.
LOCK_BINDING = f"""
    SELECT {OF_B} FROM subscriptions s JOIN card_bindings b ON b.user_id = s.user_id WHERE b.id = $1 FOR UPDATE OF s, b
"""  # noqa: S608
UNLESS_LOCKED = " SKIP LOCKED"


async def lock_with_money(tx: Transaction, binding_id: UUID) -> CardBinding:
    """The user's money, then the binding. Raises `LookupError` for an unknown id, and `Busy` where `tx` may not wait or
    where it became another user's while it waited."""
    row = await tx.row(LOCK_BINDING if tx.waits else LOCK_BINDING.rstrip() + UNLESS_LOCKED, binding_id)
    if row is not None:
        return CardBinding.of_row(row)
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
    return CardBinding.of_row(facts), is_being_sent


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
    return None if row is None else CardBinding.of_row(row)


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
    return CardBinding.of_row(row or {})


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
    return CardBinding.of_row(row or {})


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
