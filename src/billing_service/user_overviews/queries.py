"""The SQL of the overview: what belongs to one user, the newest first, a screen of it."""

from collections.abc import Sequence

from billing_service.kit.alarms import Alarm
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row
from billing_service.timeline.queries import ENDED_BY_HAND

IMPORTED = """
    SELECT id FROM subscription_periods WHERE user_id = $1 AND cause = 'import'
    ORDER BY upper(span) DESC NULLS LAST, id DESC LIMIT 1
"""
# Whoever asks for one more than he shows knows whether that is all. The days of an imported payment lie in the import,
# together with others.
PAYMENTS = f"""
    SELECT p.id, p.yookassa_payment_id, p.shop_id, p.is_test, p.status, p.amount, p.plan_code, p.purpose, p.created_at,
        p.paid_at, p.next_ask_at, p.cancellation_reason, p.provider_error_code, p.provider_error_id, p.is_recurring,
        p.imported, upper(s.span) AS ends, s.days, gives_pro(s.plan_code, s.chain) AS gives_pro, billing_now() AS now,
        {ENDED_BY_HAND} AS is_ended_by_hand,
        coalesce(
            (SELECT sum(amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED'), 0
        ) AS returned
    FROM payments p LEFT JOIN subscription_periods s
        ON s.id = coalesce(p.period_id, CASE WHEN p.imported THEN ({IMPORTED}) END)
    WHERE p.user_id = $1 AND p.replaced_by IS NULL ORDER BY p.created_at DESC, p.id DESC LIMIT $2
"""  # noqa: S608 (constant SQL)
REFUNDS = """
    SELECT r.id, r.payment_id, r.amount, r.status, r.access, r.author, r.made_by, r.reason, r.created_at
    FROM payments p JOIN refunds r ON r.payment_id = p.id
    WHERE p.user_id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT $2
"""
METHODS = """
    SELECT type, title, card_last4, expires, status, saved_at, ended_at, shop_id FROM payment_methods
    WHERE user_id = $1 ORDER BY status <> 'ACTIVE', saved_at DESC, id LIMIT $2
"""
FEATURES = """
    SELECT feature, used FROM daily_feature_usage
    WHERE user_id = $1 AND date = (billing_now() AT TIME ZONE $2)::date ORDER BY feature
"""
NOTIFICATIONS = """
    SELECT w.created_at, w.event_type, w.payment_id, w.status, w.attempts, w.error_message
    FROM webhook_logs w WHERE w.payment_id IN (
        SELECT yookassa_payment_id FROM payments WHERE user_id = $1
        UNION ALL
        SELECT r.yookassa_refund_id FROM payments p JOIN refunds r ON r.payment_id = p.id WHERE p.user_id = $1
    )
    ORDER BY w.id DESC LIMIT $2
"""
# About a thing of his: one of his payments or refunds, or himself.
ALARMS = """
    WITH his AS (
        SELECT id::text AS thing FROM payments WHERE user_id = $1
        UNION ALL SELECT yookassa_payment_id FROM payments WHERE user_id = $1 AND yookassa_payment_id IS NOT NULL
        UNION ALL SELECT r.id::text FROM payments p JOIN refunds r ON r.payment_id = p.id WHERE p.user_id = $1
    )
    SELECT kind, subject, facts ->> 'payment_id' AS payment_id, last_at, times, acknowledged_by, resolved_at
    FROM alarms
    WHERE facts ->> 'user_id' = $1::bigint::text OR subject IN (SELECT thing FROM his)
        OR facts ->> 'payment_id' IN (SELECT thing FROM his)
        OR facts ->> 'yookassa_payment_id' IN (SELECT thing FROM his)
    ORDER BY resolved_at IS NOT NULL, last_at DESC LIMIT $2
"""
# By kind and subject, which is the key of the table: what only mentions him is not found.
STANDING = """
    WITH newest AS (
        SELECT id, yookassa_payment_id FROM payments WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2
    ), his AS (
        SELECT $1::bigint::text AS thing
        UNION ALL SELECT id::text FROM newest
        UNION ALL SELECT yookassa_payment_id FROM newest
        UNION ALL SELECT r.id::text FROM newest JOIN refunds r ON r.payment_id = newest.id
    )
    SELECT kind, subject, resolved_at FROM alarms
    WHERE kind = ANY ($3) AND subject = ANY (ARRAY(SELECT thing FROM his)) AND resolved_at IS NULL
    ORDER BY last_at DESC
"""


async def list_payments(statements: StatementPool, user_id: int, limit: int) -> Sequence[Row]:
    """With where the days of each lie, and what of its money went back."""
    return await statements.fetch(PAYMENTS, user_id, limit)


async def list_refunds(statements: StatementPool, user_id: int, limit: int) -> Sequence[Row]:
    return await statements.fetch(REFUNDS, user_id, limit)


async def list_methods(statements: StatementPool, user_id: int, limit: int) -> Sequence[Row]:
    """The one that can be charged first."""
    return await statements.fetch(METHODS, user_id, limit)


async def list_features(statements: StatementPool, user_id: int, zone: str) -> Sequence[Row]:
    """What he used today of features besides photos."""
    return await statements.fetch(FEATURES, user_id, zone)


async def list_notifications(statements: StatementPool, user_id: int, limit: int) -> Sequence[Row]:
    """About his payments and refunds."""
    return await statements.fetch(NOTIFICATIONS, user_id, limit)


async def list_alarms(statements: StatementPool, user_id: int, limit: int) -> Sequence[Row]:
    """Those that stand first."""
    return await statements.fetch(ALARMS, user_id, limit)


async def list_standing_alarms(statements: StatementPool, user_id: int, payments: int) -> Sequence[Row]:
    """Those that stand about him or so many of his newest payments, the newest first. However many alarms there are,
    few rows are read."""
    return await statements.fetch(STANDING, user_id, payments, list(Alarm))
