"""The SQL of receipts."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Row, Transaction
from billing_service.receipts.demand import Told
from billing_service.receipts.items import Item

# What a statement of another room asks along with its own questions; a row then has what `known` reads.
ALONG = """
    (SELECT sealed FROM receipt_contacts WHERE user_id = {user}) AS receipt_contact,
    (SELECT enabled FROM shop_fiscalization WHERE shop_id = {shop} AND is_test = {is_test}) AS receipts_enabled,
    (SELECT provider FROM shop_fiscalization WHERE shop_id = {shop} AND is_test = {is_test}) AS receipts_by
"""
# The same for keeping a contact that was named: a part of a statement, which does nothing where it is null.
KEEP_ALONG = """
    INSERT INTO receipt_contacts (user_id, sealed) SELECT {user}, {sealed}::bytea WHERE {sealed}::bytea IS NOT NULL
    ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, changed_at = billing_now()
"""
# From when on a registration is asked about: `status` and `registration` are the new ones, the columns the old.
ASK_AT = """
    CASE
        WHEN {status} <> 'SUCCEEDED' OR coalesce({registration}, 'succeeded') = 'succeeded' THEN NULL
        WHEN status <> 'SUCCEEDED' OR receipt_registration IS DISTINCT FROM {registration}
            THEN billing_now() + interval '30 seconds'
        ELSE receipt_ask_at
    END
"""


class Known(NamedTuple):
    """What is known of a payer and a shop before a receipt is written: the sealed contact, and what `/me` said."""

    sealed: bytes | None
    told: Told


def known(row: Row) -> Known:
    """From a row that has what `ALONG` asks."""
    return Known(row["receipt_contact"], Told(row["receipts_enabled"], row["receipts_by"]))


_OF_REFUND = ALONG.format(user="p.user_id", shop="p.shop_id", is_test="p.is_test")
SALE = f"""
    SELECT {_OF_REFUND}, p.receipt_description, p.receipt_vat_code, p.receipt_tax_system_code, p.receipt_subject,
        p.receipt_mode, plan.description AS plan_description, plan.vat_code AS plan_vat_code,
        (coalesce(p.paid_at, p.created_at) AT TIME ZONE 'Europe/Moscow')::date AS sold_on
    FROM payments p LEFT JOIN subscription_plans plan ON plan.code = p.plan_code WHERE p.id = $1
"""  # noqa: S608 (constants)


class Sale(NamedTuple):
    """What a receipt of a return repeats. `item` is what the sale's said, None if it had none; `sold_on` in Moscow."""

    known: Known
    item: Item | None
    plan_description: str | None
    plan_vat_code: int | None
    sold_on: date


async def get_sale(tx: Transaction, payment_id: UUID) -> Sale:
    row = await tx.row(SALE, payment_id)
    assert row is not None  # noqa: S101 (the caller holds its lock)
    item = None
    if row["receipt_description"] is not None:
        item = Item(*(row[f"receipt_{name}"] for name in Item._fields))
    return Sale(known(row), item, row["plan_description"], row["plan_vat_code"], row["sold_on"])


KEEP = KEEP_ALONG.format(user="$1::bigint", sealed="$2")


async def keep_contact(tx: Transaction, user_id: int, sealed: bytes) -> None:
    """In place of the one before."""
    await tx.execute(KEEP, user_id, sealed)


async def get_contact(tx: Transaction, user_id: int) -> bytes | None:
    sealed: bytes | None = await tx.value("SELECT sealed FROM receipt_contacts WHERE user_id = $1", user_id)
    return sealed


ERASE = "DELETE FROM receipt_contacts WHERE user_id = $1 RETURNING 1"
# Without its bytes nobody can send it again; only asking goes on. What never left will never be.
ERASE_OF_PAYMENTS = """
    UPDATE payments SET request_body = NULL, updated_at = billing_now(),
        status = CASE WHEN first_sent_at IS NULL THEN 'FAILED' ELSE status END,
        provider_error_code = CASE WHEN first_sent_at IS NULL THEN 'never_created' ELSE provider_error_code END
    WHERE user_id = $1 AND status = 'PENDING' AND request_body IS NOT NULL AND receipt_registration IS NOT NULL
    RETURNING 1
"""
ERASE_OF_REFUNDS = """
    UPDATE refunds r SET request_body = NULL, updated_at = billing_now() FROM payments p
    WHERE p.id = r.payment_id AND p.user_id = $1
        AND r.status = 'PENDING' AND r.request_body IS NOT NULL AND r.receipt_registration IS NOT NULL
    RETURNING 1
"""


async def erase(tx: Transaction, user_id: int) -> int:
    """The contact, wherever it lies; how many open requests named it. The caller holds the user's lock."""
    await tx.rows(ERASE, user_id)
    requests = [await tx.rows(statement, user_id) for statement in (ERASE_OF_PAYMENTS, ERASE_OF_REFUNDS)]
    return sum(map(len, requests))


TELL = """
    INSERT INTO shop_fiscalization (shop_id, is_test, enabled, provider) VALUES ($1, $2, $3, $4)
    ON CONFLICT (shop_id, is_test) DO UPDATE
        SET enabled = excluded.enabled, provider = excluded.provider, told_at = billing_now()
"""


async def set_told(
    tx: Transaction, shop_id: str, *, is_test: bool, enabled: bool, provider: str | None
) -> None:
    await tx.execute(TELL, shop_id, is_test, enabled, provider)


NOTE_DEMAND = """
    INSERT INTO shop_fiscalization (shop_id, is_test, enabled, told_at) VALUES ($1, $2, true, 'epoch')
    ON CONFLICT (shop_id, is_test) DO UPDATE SET enabled = true, told_at = 'epoch'
"""


async def note_demand(tx: Transaction, shop_id: str, *, is_test: bool) -> None:
    """It demands receipts; the rest it has to be asked, as soon as possible."""
    await tx.execute(NOTE_DEMAND, shop_id, is_test)


GET_TOLD = """
    SELECT enabled, provider, told_at BETWEEN billing_now() - $3::interval AND billing_now() + interval '1 minute'
        AS is_fresh
    FROM shop_fiscalization WHERE shop_id = $1 AND is_test = $2
"""


async def get_told(
    tx: Transaction, shop_id: str, *, is_test: bool, fresh_for: timedelta
) -> tuple[Told, bool]:
    """What the shop said last, and whether that is young enough."""
    row = await tx.row(GET_TOLD, shop_id, is_test, fresh_for)
    return (Told(), False) if row is None else (Told(row["enabled"], row["provider"]), row["is_fresh"])


class Due(NamedTuple):
    """A receipt to ask about: of which row, and how long ago the money moved."""

    id: UUID
    age: timedelta


class Unregistered(NamedTuple):
    """A receipt of money that moved which is not known to be registered. `since`: for how long."""

    id: UUID
    provider_id: str | None
    registration: str
    amount: str
    since: timedelta
    user_id: int
    payment_id: UUID


# Whose it is, and of which payment.
OWNER = {
    "payments": "user_id, id AS payment_id",
    "refunds": "(SELECT user_id FROM payments WHERE id = refunds.payment_id) AS user_id, payment_id",
}
# When the money moved.
MOVED_AT = {"payments": "coalesce(paid_at, created_at)", "refunds": "coalesce(completed_at, created_at)"}
FOLLOWED = "status = 'SUCCEEDED' AND receipt_registration IN ('pending', 'canceled')"


async def list_due(tx: Transaction, table: str, shop_id: str, *, is_test: bool, limit: int) -> Sequence[Due]:
    """The longest waiting first; what another worker holds is skipped."""
    statement = f"""
        SELECT id, billing_now() - {MOVED_AT[table]} AS age FROM {table}
        WHERE {FOLLOWED} AND receipt_ask_at <= billing_now() AND shop_id = $1 AND is_test = $2
        ORDER BY receipt_ask_at LIMIT $3 FOR UPDATE SKIP LOCKED
    """  # noqa: S608 (names of our own tables)
    return [Due(**row) for row in await tx.rows(statement, shop_id, is_test, limit)]


async def postpone(tx: Transaction, table: str, ids: Sequence[UUID], waits: Sequence[timedelta]) -> None:
    statement = f"""
        UPDATE {table} asked SET receipt_ask_at = billing_now() + due.wait
        FROM unnest($1::uuid[], $2::interval[]) AS due (id, wait) WHERE asked.id = due.id
    """  # noqa: S608
    await tx.execute(statement, ids, waits)


async def get_unregistered(
    tx: Transaction, table: str, provider_id: str, row_id: UUID, shop_id: str, *, is_test: bool
) -> Unregistered | None:
    """None once it is registered, or no longer followed."""
    statement = f"""
        SELECT id, {provider_id} AS provider_id, receipt_registration AS registration,
            amount::text || ' ' || currency AS amount, billing_now() - {MOVED_AT[table]} AS since,
            {OWNER[table]}
        FROM {table}
        WHERE id = $1 AND {FOLLOWED} AND receipt_ask_at IS NOT NULL AND shop_id = $2 AND is_test = $3
    """  # noqa: S608
    row = await tx.row(statement, row_id, shop_id, is_test)
    return None if row is None else Unregistered(**row)


async def stop_following(tx: Transaction, table: str, row_id: UUID) -> None:
    await tx.execute(f"UPDATE {table} SET receipt_ask_at = NULL WHERE id = $1", row_id)  # noqa: S608


class Stored(NamedTuple):
    user_id: int
    sealed: bytes


async def list_stored(tx: Transaction, *, after: int, limit: int) -> Sequence[Stored]:
    """A page of all contacts, by user."""
    statement = "SELECT user_id, sealed FROM receipt_contacts WHERE user_id > $1 ORDER BY user_id LIMIT $2"
    return [Stored(**row) for row in await tx.rows(statement, after, limit)]


async def seal_anew(tx: Transaction, stored: Stored, sealed: bytes) -> None:
    """Unless it was changed or erased meanwhile."""
    statement = "UPDATE receipt_contacts SET sealed = $3 WHERE user_id = $1 AND sealed = $2"
    await tx.execute(statement, *stored, sealed)
