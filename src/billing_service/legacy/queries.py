"""The SQL that writes what was read: whole statements over many users at once, which a repeat finds done."""

import json
from collections.abc import Mapping, Sequence

from billing_service.kit.callers import LEGACY
from billing_service.kit.transaction import Transaction
from billing_service.legacy import access_queries
from billing_service.legacy.access_queries import HAS_DAYS_HERE, LIVES_HERE

TRY_ALONE = "SELECT pg_try_advisory_lock(hashtext('legacy.import'))"


async def is_alone(tx: Transaction) -> bool:
    """Take the place of the one import that may run; it is given back when the connection is closed."""
    alone: bool = await tx.value(TRY_ALONE)
    return alone


async def insert_import(tx: Transaction, source: str) -> int:
    statement = "INSERT INTO legacy_imports (source) VALUES ($1) RETURNING id"
    import_id: int = await tx.value(statement, source)
    return import_id


FINISH = "UPDATE legacy_imports SET finished_at = billing_now(), report = $2::jsonb WHERE id = $1"


async def finish_import(tx: Transaction, import_id: int, report: Mapping[str, object]) -> None:
    await tx.execute(FINISH, import_id, json.dumps(report, ensure_ascii=False))


# In a rehearsal only: the story of plans has a transaction of its own, which could not be undone.
MISSING_PLANS = """
    INSERT INTO subscription_plans (code, display_name, description, price, duration_days, history_days, ai_recognition,
        advanced_stats, priority_support, is_active)
    SELECT code, display_name, code, price, duration_days, history_days, ai_recognition, advanced_stats,
        priority_support, is_active
    FROM old_plans ON CONFLICT (code) DO NOTHING
"""


async def insert_missing_plans(tx: Transaction) -> None:
    await tx.execute(MISSING_PLANS)


NEXT = """
    SELECT max(user_id) AS until, count(*) AS users FROM (
        SELECT user_id FROM old_users WHERE user_id > $1 ORDER BY user_id LIMIT $2) chunk
"""


async def next_chunk(tx: Transaction, after: int, size: int) -> tuple[int | None, int]:
    """The last of the next users, None when nobody is left, and how many they are."""
    row = await tx.row(NEXT, after, size)
    assert row is not None  # noqa: S101 (it always answers)
    return row["until"], row["users"]


# Of a user who lives here only what is not here yet is news.
NEWS = """
    SELECT user_id FROM old_subscriptions o
        WHERE user_id > $1 AND user_id <= $2
            AND NOT EXISTS (SELECT FROM subscriptions ours WHERE ours.user_id = o.user_id)
    UNION
    SELECT user_id FROM old_access o
        WHERE user_id > $1 AND user_id <= $2 AND untaken IS NULL AND NOT EXISTS (
            SELECT FROM legacy_access known WHERE known.user_id = o.user_id
                AND (known.plan_code, known.start_date, known.end_date, known.is_active)
                    = (o.plan_code, o.start_date, o.end_date, o.is_active))
    UNION
    SELECT user_id FROM judged_payments o
        WHERE user_id > $1 AND user_id <= $2 AND untaken IS NULL AND NOT EXISTS (
            SELECT FROM payments ours WHERE ours.id = o.id AND (ours.status = 'SUCCEEDED' OR NOT o.is_paid))
    UNION
    SELECT user_id FROM judged_refunds o
        WHERE user_id > $1 AND user_id <= $2 AND untaken IS NULL
            AND NOT EXISTS (SELECT FROM refunds ours WHERE ours.id = o.id)
    UNION
    SELECT user_id FROM old_usage o
        WHERE user_id > $1 AND user_id <= $2 AND date = usage_day(billing_now(), $3) AND used > 0 AND NOT EXISTS (
            SELECT FROM daily_usage ours
            WHERE ours.user_id = o.user_id AND ours.date = o.date AND ours.photo_ai_requests >= o.used)
"""


async def list_with_news(tx: Transaction, after: int, until: int, zone: str) -> Sequence[int]:
    """Of these users those of whom something is to be written."""
    return sorted(row["user_id"] for row in await tx.rows(NEWS, after, until, zone))


OPEN_ACCOUNTS = """
    INSERT INTO subscriptions (user_id, created_at, updated_at)
    SELECT user_id, coalesce(o.created_at, billing_now()), billing_now()
    FROM unnest($1::bigint[]) wanted (user_id) LEFT JOIN old_subscriptions o USING (user_id)
    WHERE o.user_id IS NOT NULL OR EXISTS (SELECT FROM old_payments p WHERE p.user_id = wanted.user_id)
    ORDER BY user_id ON CONFLICT (user_id) DO NOTHING
"""
LOCK = "SELECT user_id, moved_to FROM subscriptions WHERE user_id = ANY($1) ORDER BY user_id FOR UPDATE"


async def lock_users(tx: Transaction, users: Sequence[int]) -> Sequence[int]:
    """The money of these users, in the order of their ids; rows are made where there are none. Answers who they are,
    without those who have become another number: under the old one nothing is written any more."""
    await tx.execute(OPEN_ACCOUNTS, users)
    moved = {row["user_id"] for row in await tx.rows(LOCK, users) if row["moved_to"] is not None}
    return [user_id for user_id in users if user_id not in moved]


# What was paid there is `imported`: its days lie in the one period of the import. All else gives its own days if its
# money comes, and is asked about while it may. So is what was paid there by somebody who lives here already.
PAYMENTS = f"""
    WITH coming AS (
        SELECT o.*, o.is_paid AND NOT (
                o.status = 'SUCCEEDED' AND o.yookassa_payment_id IS NOT NULL AND {LIVES_HERE}) AS imported
        FROM judged_payments o WHERE o.user_id = ANY($1) AND o.untaken IS NULL
    )
    INSERT INTO payments (
        id, user_id, plan_code, amount, currency, duration_days, description, purpose, status, imported, shop_id,
        is_test, is_recurring, caller, route, request_fingerprint, return_url, first_sent_at, last_sent_at,
        outcome_unknown, yookassa_payment_id, cancellation_reason, paid_at, webhook_processed_at, next_ask_at,
        created_at, updated_at)
    SELECT id, user_id, plan_code, amount, currency, CASE WHEN plan_code IS NOT NULL THEN duration_days END,
        description, CASE WHEN plan_code IS NULL THEN 'BINDING' ELSE 'PLAN' END,
        CASE WHEN is_paid AND NOT imported THEN 'PENDING' ELSE becomes END, imported, $2, $3,
        is_recurring AND imported, '{LEGACY}', '{LEGACY}', '', '', created_at, created_at,
        becomes = 'PENDING' AND yookassa_payment_id IS NULL, yookassa_payment_id,
        CASE WHEN becomes = 'CANCELED' THEN cancellation_reason END,
        CASE WHEN imported THEN known_paid_at END, CASE WHEN imported THEN webhook_processed_at END,
        billing_now(), created_at, updated_at
    FROM coming ORDER BY id ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 (our own constant)
# Paid there since, while it was open here.
PAID_SINCE = f"""
    UPDATE payments ours SET status = 'SUCCEEDED', imported = true, paid_at = o.known_paid_at,
        webhook_processed_at = o.webhook_processed_at, cancellation_party = NULL, cancellation_reason = NULL,
        outcome_unknown = false, yookassa_payment_id = coalesce(ours.yookassa_payment_id, o.yookassa_payment_id),
        updated_at = billing_now()
    FROM judged_payments o
    WHERE o.user_id = ANY($1) AND o.untaken IS NULL AND o.is_paid AND ours.id = o.id AND ours.status <> 'SUCCEEDED'
        AND NOT {HAS_DAYS_HERE}
"""  # noqa: S608
# A refund there took no access, and takes none here; one that is still under way has its effect when it succeeds.
REFUNDS = """
    INSERT INTO refunds (
        id, payment_id, amount, currency, status, access, access_cut, applied_at, reason, made_by, shop_id, is_test,
        yookassa_refund_id, completed_at, next_ask_at, created_at, updated_at)
    SELECT o.id, o.payment_id, o.amount, p.currency, o.status, CASE WHEN applied THEN 'keep' END,
        CASE WHEN applied THEN interval '0' END, CASE WHEN applied THEN coalesce(o.completed_at, o.updated_at) END,
        o.reason, 'cabinet', p.shop_id, p.is_test, o.yookassa_refund_id,
        CASE WHEN o.status = 'SUCCEEDED' THEN coalesce(o.completed_at, o.updated_at) END, billing_now(), o.created_at,
        o.updated_at
    FROM judged_refunds o JOIN payments p ON p.id = o.payment_id
        CROSS JOIN LATERAL (SELECT o.status = 'SUCCEEDED' AND p.status = 'SUCCEEDED' AS applied) so
    WHERE o.user_id = ANY($1) AND o.untaken IS NULL ORDER BY o.id ON CONFLICT (id) DO NOTHING
"""
USAGE = """
    INSERT INTO daily_usage AS ours (user_id, date, photo_ai_requests)
    SELECT user_id, date, used FROM old_usage
    WHERE user_id = ANY($1) AND date = usage_day(billing_now(), $2) AND used > 0 ORDER BY user_id
    ON CONFLICT (user_id, date) DO UPDATE SET photo_ai_requests = excluded.photo_ai_requests
    WHERE ours.photo_ai_requests < excluded.photo_ai_requests
"""


async def write(tx: Transaction, users: Sequence[int], *, shop_id: str, is_test: bool, zone: str) -> None:
    """Everything of these users, whose money the caller has locked."""
    await tx.execute(PAYMENTS, users, shop_id, is_test)
    await tx.execute(PAID_SINCE, users)
    await access_queries.lay(tx, users)
    await tx.execute(REFUNDS, users)
    await tx.execute(USAGE, users, zone)
