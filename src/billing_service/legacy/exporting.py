"""The way back: SQL for the old tables that tells them what has happened here since, for whoever must return.

Access as it is here now, plans, payments and refunds that they do not know, every card that was refused here or went
along to another number, and whose renewal ended here, so that the old service does not charge them. Statements may be
run any number of times.
"""

from collections.abc import AsyncIterator

from billing_service.kit.transaction import Transaction
from billing_service.services import Services

PAGE = 1000
# Each answers a key to go on from, in order, and a statement; $3 is the schema there.
# Whoever has days of a plan that was added here would have none there.
PLANS = """
    SELECT code AS key, format(
        'INSERT INTO %1$I.subscription_plans (name, code, display_name, description, price, old_price, duration_days, '
        'daily_photo_limit, max_photos_per_day, history_days, ai_recognition, advanced_stats, priority_support, '
        'is_active, is_test, created_at, updated_at) SELECT %2$L, %2$L, %3$L, %4$L, %5$L, %6$L, %7$L, %8$L, %9$L, '
        '%10$L, %11$L, %12$L, %13$L, %14$L, %15$L, now(), now() '
        'WHERE NOT EXISTS (SELECT FROM %1$I.subscription_plans WHERE code = %2$L);',
        $3::text, code, left(display_name, 100), description, price, round(old_price), duration_days, daily_photo_limit,
        coalesce(daily_photo_limit, -1), history_days, ai_recognition, advanced_stats, priority_support, is_active,
        is_test) AS statement
    FROM subscription_plans WHERE code > $1::text ORDER BY code LIMIT $2
"""
ACCESS = """
    WITH here AS (
        SELECT s.user_id, min(lower(s.span)) FILTER (WHERE upper(s.span) > billing_now()) AS begins,
            min(lower(s.span)) AS began, max(upper(s.span)) AS ends,
            (array_agg(s.plan_code ORDER BY upper(s.span) DESC))[1] AS last_plan
        FROM subscription_periods s
        WHERE s.user_id > $1::text::bigint AND NOT isempty(s.span) AND (s.chain <> 'test' OR test_days_count())
        GROUP BY s.user_id
    )
    SELECT user_id::text AS key, format(
        'INSERT INTO %1$I.subscriptions (user_id, plan_id, start_date, end_date, is_active, auto_renew, created_at, '
        'updated_at) SELECT %2$L, id, %3$L, %4$L, true, false, now(), now() FROM %1$I.subscription_plans '
        'WHERE code = %5$L ON CONFLICT (user_id) DO UPDATE SET plan_id = excluded.plan_id, '
        'start_date = excluded.start_date, end_date = excluded.end_date, is_active = true, updated_at = now();',
        $3::text, user_id, event_time(coalesce(begins, began)), event_time(ends),
        CASE WHEN plan_in_force(user_id, billing_now()) = 'FREE' THEN last_plan
            ELSE plan_in_force(user_id, billing_now()) END) AS statement
    FROM here LEFT JOIN legacy_access known USING (user_id)
    WHERE (known.span IS NULL OR upper(known.span) <> here.ends OR known.plan_code <> here.last_plan)
        -- Whose days of an earlier import ended there has none there.
        AND NOT (known.user_id IS NOT NULL AND known.span IS NULL AND here.ends <= billing_now())
    ORDER BY user_id LIMIT $2
"""
PAYMENTS = """
    SELECT p.id::text AS key, format(
        'INSERT INTO %1$I.payments (id, user_id, plan_id, amount, currency, status, provider, yookassa_payment_id, '
        'is_recurring, save_payment_method, description, error_message, metadata, created_at, updated_at, paid_at, '
        'webhook_processed_at) SELECT %2$L, %3$L, (SELECT id FROM %1$I.subscription_plans WHERE code = %4$L), %5$L, '
        '%6$L, %7$L, ''YOOKASSA'', %8$L, %9$L, false, %10$L, '''', ''{}'', %11$L, now(), %12$L, %13$L '
        'ON CONFLICT (id) DO UPDATE SET status = excluded.status, paid_at = excluded.paid_at, '
        'webhook_processed_at = excluded.webhook_processed_at, updated_at = now();',
        $3::text, p.id, p.user_id, p.plan_code, p.amount, p.currency,
        CASE WHEN EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED')
            THEN 'REFUNDED' ELSE p.status END,
        p.yookassa_payment_id, p.is_recurring, p.description, event_time(p.created_at), event_time(p.paid_at),
        event_time(CASE WHEN p.status IN ('SUCCEEDED', 'CANCELED')
            THEN coalesce(p.webhook_processed_at, p.updated_at) END)) AS statement
    FROM payments p
    WHERE p.id > $1::text::uuid AND p.yookassa_payment_id IS NOT NULL AND p.purpose = 'PLAN' AND NOT p.imported
    ORDER BY p.id LIMIT $2
"""
REFUNDS = """
    SELECT r.id::text AS key, format(
        'INSERT INTO %1$I.refunds (id, payment_id, amount, status, yookassa_refund_id, reason, error_message, '
        'created_at, updated_at, completed_at) SELECT %2$L, %3$L, %4$L, ''SUCCEEDED'', %5$L, %6$L, '''', %7$L, now(), '
        '%8$L WHERE EXISTS (SELECT FROM %1$I.payments WHERE id = %3$L) ON CONFLICT DO NOTHING; '
        'UPDATE %1$I.payments SET status = ''REFUNDED'', updated_at = now() '
        'WHERE id = %3$L AND status = ''SUCCEEDED'';',
        $3::text, r.id, r.payment_id, r.amount, r.yookassa_refund_id, r.reason, event_time(r.created_at),
        event_time(r.completed_at)) AS statement
    FROM refunds r WHERE r.id > $1::text::uuid AND r.status = 'SUCCEEDED' ORDER BY r.id LIMIT $2
"""
# What was refused stays refused, wherever.
REFUSALS = """
    SELECT user_id::text AS key, format(
        'UPDATE %1$I.subscriptions SET auto_renew = false, yookassa_payment_method_id = NULL, card_mask = NULL, '
        'card_brand = NULL, updated_at = now() WHERE user_id = %2$L;', $3::text, user_id) AS statement
    FROM payment_method_refusals WHERE user_id > $1::text::bigint GROUP BY user_id ORDER BY user_id LIMIT $2
"""
# Whose renewal ended here by his word, or with his money, is not charged there either. That it is off because his card
# came without a consent is nobody's word.
ENDED = """
    SELECT s.user_id::text AS key, format(
        'UPDATE %1$I.subscriptions SET auto_renew = false, updated_at = now() WHERE user_id = %2$L;',
        $3::text, s.user_id) AS statement
    FROM subscriptions s WHERE s.user_id > $1::text::bigint AND NOT s.auto_renew AND (
        s.auto_renew_since IS NOT NULL
        OR EXISTS (SELECT FROM consents c WHERE c.user_id = s.user_id AND c.withdrawn_at IS NOT NULL)
        OR EXISTS (SELECT FROM payments p JOIN refund_requests q ON q.payment_id = p.id WHERE p.user_id = s.user_id)
        OR EXISTS (
            SELECT FROM payments p JOIN refunds r ON r.payment_id = p.id
            WHERE p.user_id = s.user_id AND r.status = 'SUCCEEDED' AND r.access = 'cut_all'))
    ORDER BY s.user_id LIMIT $2
"""
# Under a number that has become another one nothing is done here: what it had is told of the new one, or is to be kept
# there anew.
MOVED = """
    SELECT user_id::text AS key, format(
        'UPDATE %1$I.subscriptions SET is_active = false, auto_renew = false, yookassa_payment_method_id = NULL, '
        'card_mask = NULL, card_brand = NULL, updated_at = now() WHERE user_id = %2$L;', $3::text, user_id) AS statement
    FROM subscriptions WHERE moved_to IS NOT NULL AND user_id > $1::text::bigint ORDER BY user_id LIMIT $2
"""
NOBODY, NO_ID = "0", "00000000-0000-0000-0000-000000000000"
LISTS = {
    PLANS: "",
    ACCESS: NOBODY,
    PAYMENTS: NO_ID,
    REFUNDS: NO_ID,
    REFUSALS: NOBODY,
    ENDED: NOBODY,
    MOVED: NOBODY,
}


async def statements(services: Services, schema: str) -> AsyncIterator[str]:
    """The script, a line a statement, in one transaction of the old database. Reads only; nothing secret is in it."""
    yield "BEGIN;"
    for select, beginning in LISTS.items():
        key = beginning
        while True:
            async with services.statements.transaction() as tx:
                page = await _page(tx, select, key, schema)
            for _, statement in page:
                yield statement
            if len(page) < PAGE:
                break
            key = page[-1][0]
    yield "COMMIT;"


async def _page(tx: Transaction, select: str, after: str, schema: str) -> list[tuple[str, str]]:
    return [(row["key"], row["statement"]) for row in await tx.rows(select, after, PAGE, schema)]
