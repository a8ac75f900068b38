"""Saved cards come switched off: sealed, without a consent, and never renewed before their owner agrees here.

Their ids are read, sealed and written a page at a time, and lie nowhere in between.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from pydantic import SecretStr

from billing_service.config import Settings
from billing_service.kit.transaction import Transaction
from billing_service.legacy import access_queries
from billing_service.legacy.source import Source
from billing_service.payment_methods.sealing import digests, seal

SELECT = """
    SELECT user_id::bigint AS user_id, yookassa_payment_method_id::text AS method_id,
        substring(card_mask FROM '([0-9]{{4}})$')::text AS last4, nullif(card_brand, '')::text AS brand
    FROM {s}.subscriptions WHERE coalesce(yookassa_payment_method_id, '') <> '' AND user_id > 0 ORDER BY user_id
"""


class Taken(NamedTuple):
    """How many cards there are there, and how many came now."""

    there: int
    came: int


async def take_over(tx: Transaction, source: Source, settings: Settings) -> Taken:
    """Whatever is not here yet; a newer card takes the place of one that came before. Safe to repeat.

    Not of a user who refused his cards here, nor of one who has agreed here to be charged: it was for what he saw then.
    """
    there = came = 0
    async for page in source.pages(SELECT):
        there += len(page)
        came += await _take_page(tx, page, settings)
    return Taken(there, came)


KNOWN = "SELECT id_digest FROM payment_methods WHERE id_digest = ANY($1)"


async def _take_page(tx: Transaction, page: Sequence[Mapping[str, Any]], settings: Settings) -> int:
    by_id = {one["method_id"]: digests(settings, one["method_id"]) for one in page}
    every = [digest for made in by_id.values() for digest in made]
    known = {row["id_digest"] for row in await tx.rows(KNOWN, every)}
    new = [one for one in page if known.isdisjoint(by_id[one["method_id"]])]
    if not new:
        return 0
    sealed = [seal(settings, SecretStr(one["method_id"])) for one in new]
    async with tx.connection.transaction():
        users = [one["user_id"] for one in new]
        await tx.rows(LOCK, users)
        await tx.execute(REPLACE, users, settings.shop_id, settings.shop_is_test)
        kept = await tx.rows(
            KEEP,
            [uuid4() for _ in new],
            users,
            [one.sealed for one in sealed],
            [one.digests[0] for one in sealed],
            [one["last4"] for one in new],
            [one["brand"] for one in new],
            settings.shop_id,
            settings.shop_is_test,
        )
        await access_queries.tell_of_cards(tx, [row["user_id"] for row in kept])
        return len(kept)


LOCK = "SELECT user_id FROM subscriptions WHERE user_id = ANY($1) ORDER BY user_id FOR UPDATE"
REPLACE = """
    UPDATE payment_methods SET status = 'REPLACED', sealed_id = NULL, ended_at = billing_now()
    WHERE user_id = ANY($1) AND shop_id = $2 AND is_test = $3 AND status = 'ACTIVE' AND consent_id IS NULL
        AND NOT EXISTS (
            SELECT FROM consents c WHERE c.user_id = payment_methods.user_id AND c.withdrawn_at IS NULL)
"""
KEEP = """
    INSERT INTO payment_methods
        (id, user_id, shop_id, is_test, status, sealed_id, id_digest, type, card_last4, card_brand)
    SELECT id, user_id, $7, $8, 'ACTIVE', sealed_id, id_digest, 'bank_card', last4, brand
    FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[])
        AS came (id, user_id, sealed_id, id_digest, last4, brand)
    WHERE EXISTS (SELECT FROM subscriptions s WHERE s.user_id = came.user_id AND s.moved_to IS NULL)
        AND NOT EXISTS (SELECT FROM payment_method_refusals r WHERE r.user_id = came.user_id)
        AND NOT EXISTS (SELECT FROM consents c WHERE c.user_id = came.user_id AND c.withdrawn_at IS NULL)
        AND NOT EXISTS (
            SELECT FROM payment_methods m
            WHERE (m.user_id, m.shop_id, m.is_test, m.status) = (came.user_id, $7, $8, 'ACTIVE'))
    ON CONFLICT (id_digest) DO NOTHING RETURNING user_id
"""
# Who has unlinked his card there means it; of one to whom another number's went along here that says nothing.
UNLINKED = """
    SELECT m.user_id FROM payment_methods m JOIN old_subscriptions o USING (user_id)
    WHERE NOT o.has_card AND m.status = 'ACTIVE' AND m.consent_id IS NULL
        AND NOT EXISTS (SELECT FROM user_moves v WHERE v.to_user_id = m.user_id)
"""
END = """
    UPDATE payment_methods SET status = 'ENDED', sealed_id = NULL, ended_at = billing_now()
    WHERE user_id = ANY($1) AND status = 'ACTIVE' AND consent_id IS NULL RETURNING id
"""
TELL_ENDED = """
    SELECT record_event(
        'payment_method.ended', m.user_id, method_shown(m) || jsonb_build_object('type', m.type), true)
    FROM payment_methods m WHERE id = ANY($1) ORDER BY user_id
"""


async def end_unlinked(tx: Transaction) -> int:
    """Cards that came before and are there no more can be charged no more; how many."""
    async with tx.connection.transaction():
        users = [row["user_id"] for row in await tx.rows(UNLINKED)]
        await tx.rows(LOCK, users)
        ended = [row["id"] for row in await tx.rows(END, users)]
        await tx.execute(TELL_ENDED, ended)
        return len(ended)
