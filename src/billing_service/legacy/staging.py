"""What was read lies in temporary tables of one session: gone with it, whatever happens, and never in a backup.

No secret is put there: ids of payment methods and payloads of notifications pass through `cards` and `notifications`.
"""

from billing_service.kit.transaction import Transaction
from billing_service.legacy.source import Source

# table of ours -> its columns, and what fills them. Of plans the code is the name that both sides know.
TABLES = {
    "old_plans": (
        """
        code text, display_name text, description text, price numeric, old_price numeric, duration_days integer,
        daily_photo_limit integer, history_days integer, ai_recognition boolean, advanced_stats boolean,
        priority_support boolean, is_active boolean, is_test boolean
        """,
        """
        SELECT code::text, display_name::text, description::text, price::numeric, old_price::numeric,
            duration_days::integer, daily_photo_limit::integer, history_days::integer, ai_recognition, advanced_stats,
            priority_support, is_active, is_test
        FROM {s}.subscription_plans
        """,
    ),
    "old_subscriptions": (
        """
        user_id bigint, plan_code text, start_date timestamptz, end_date timestamptz, is_active boolean,
        auto_renew boolean, has_card boolean, created_at timestamptz, updated_at timestamptz
        """,
        """
        SELECT s.user_id::bigint, p.code::text, s.start_date, s.end_date, s.is_active, s.auto_renew,
            coalesce(s.yookassa_payment_method_id, '') <> '', s.created_at, s.updated_at
        FROM {s}.subscriptions s JOIN {s}.subscription_plans p ON p.id = s.plan_id
        """,
    ),
    "old_payments": (
        """
        id uuid, user_id bigint, plan_code text, duration_days integer, amount numeric, currency text, status text,
        yookassa_payment_id text, is_recurring boolean, description text, cancellation_reason text,
        created_at timestamptz, updated_at timestamptz, paid_at timestamptz, webhook_processed_at timestamptz
        """,
        """
        SELECT y.id::uuid, y.user_id::bigint, p.code::text, p.duration_days::integer, y.amount::numeric,
            y.currency::text, y.status::text, nullif(y.yookassa_payment_id, '')::text, y.is_recurring,
            y.description::text, substring(y.error_message FROM '^Cancellation reason: ([a-z0-9_]{{1,40}})$')::text,
            y.created_at, y.updated_at, y.paid_at, y.webhook_processed_at
        FROM {s}.payments y LEFT JOIN {s}.subscription_plans p ON p.id = y.plan_id
        """,
    ),
    "old_refunds": (
        """
        id uuid, payment_id uuid, amount numeric, status text, yookassa_refund_id text, reason text,
        created_at timestamptz, updated_at timestamptz, completed_at timestamptz
        """,
        """
        SELECT id::uuid, payment_id::uuid, amount::numeric, status::text, nullif(yookassa_refund_id, '')::text,
            reason::text, created_at, updated_at, completed_at
        FROM {s}.refunds
        """,
    ),
    # More than today's: which day is today is known here, not there.
    "old_usage": (
        """
        user_id bigint, date date, used integer
        """,
        """
        SELECT user_id::bigint, date::date, photo_ai_requests::integer FROM {s}.daily_usage
        WHERE date > current_date - 3
        """,
    ),
}
# What each row becomes, and why some are not taken. Whoever has days that came to be here, or has got another number,
# lives here: what the old service says of him since is money to ask about, and no longer an order.
VIEWS = """
    CREATE TEMP VIEW residents AS
        SELECT user_id FROM subscription_periods WHERE cause <> 'import'
        UNION SELECT from_user_id FROM user_moves UNION SELECT to_user_id FROM user_moves;
    CREATE TEMP VIEW old_access AS
        SELECT *, CASE
            WHEN user_id <= 0 THEN 'user_unusable'
            WHEN NOT (isfinite(start_date) AND isfinite(end_date)) OR end_date > '9000-01-01' THEN 'dates_unusable'
            END AS untaken,
            CASE WHEN plan_code <> 'FREE' AND isfinite(start_date) AND isfinite(end_date) AND end_date <= '9000-01-01'
                AND ends > begins THEN tstzrange(begins, ends) END AS span
        FROM (
            SELECT *, least(start_date, billing_now()) AS begins, CASE
                WHEN is_active OR end_date <= billing_now() THEN end_date
                ELSE least(end_date, updated_at, billing_now()) END AS ends
            FROM old_subscriptions
        ) dated;
    CREATE TEMP VIEW judged_payments AS
        SELECT *, status IN ('SUCCEEDED', 'REFUNDED') AS is_paid,
            coalesce(paid_at, webhook_processed_at, updated_at) AS known_paid_at,
            CASE
                WHEN status = 'REFUNDED' THEN 'SUCCEEDED'
                WHEN status = 'CANCELED' AND webhook_processed_at IS NULL AND yookassa_payment_id IS NOT NULL
                    THEN 'PENDING'
                ELSE status END AS becomes,
            CASE
                WHEN user_id <= 0 THEN 'user_unusable'
                WHEN amount IS NULL OR amount <= 0 OR amount >= 10000000000 THEN 'amount_unusable'
                WHEN currency !~ '^[A-Z]{3}$' THEN 'currency_unusable'
                WHEN status NOT IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED', 'REFUNDED', 'CANCELED', 'FAILED')
                    THEN 'status_unknown'
                WHEN plan_code IS NOT NULL AND coalesce(duration_days, 0) <= 0 THEN 'plan_without_days'
                WHEN yookassa_payment_id !~ '^[0-9A-Za-z_-]{1,64}$' THEN 'provider_id_unreadable'
                WHEN EXISTS (
                    SELECT FROM payments held
                    WHERE held.yookassa_payment_id = old_payments.yookassa_payment_id AND held.id <> old_payments.id)
                    THEN 'provider_id_taken'
            END AS untaken
        FROM old_payments;
    CREATE TEMP VIEW judged_refunds AS
        SELECT r.*, p.user_id, p.plan_code, p.currency, p.is_paid, CASE
            WHEN p.id IS NULL OR p.untaken IS NOT NULL THEN 'payment_not_taken'
            WHEN r.amount IS NULL OR r.amount <= 0 OR r.amount >= 10000000000 THEN 'amount_unusable'
            WHEN r.status NOT IN ('PENDING', 'SUCCEEDED', 'CANCELED', 'FAILED') THEN 'status_unknown'
            WHEN r.yookassa_refund_id !~ '^[0-9A-Za-z_-]{1,64}$' THEN 'provider_id_unreadable'
            WHEN r.status = 'PENDING' AND r.yookassa_refund_id IS NULL THEN 'never_sent'
            WHEN EXISTS (
                SELECT FROM refunds held WHERE held.yookassa_refund_id = r.yookassa_refund_id AND held.id <> r.id)
                THEN 'provider_id_taken'
            END AS untaken
        FROM old_refunds r LEFT JOIN judged_payments p ON p.id = r.payment_id;
"""
INDEXES = """
    CREATE INDEX ON old_subscriptions (user_id);
    CREATE INDEX ON old_payments (user_id);
    CREATE INDEX ON old_payments (id);
    CREATE INDEX ON old_refunds (payment_id);
    CREATE INDEX ON old_usage (user_id);
    CREATE TEMP TABLE old_users AS
        SELECT user_id FROM old_subscriptions WHERE user_id > 0
        UNION SELECT user_id FROM old_payments WHERE user_id > 0
        UNION SELECT user_id FROM old_usage WHERE user_id > 0;
    CREATE INDEX ON old_users (user_id);
    ANALYZE old_plans; ANALYZE old_subscriptions; ANALYZE old_payments; ANALYZE old_refunds; ANALYZE old_usage;
    ANALYZE old_users;
"""


async def load(tx: Transaction, source: Source) -> None:
    """Read everything that is no secret, straight from one server into the other."""
    for table, (columns, statement) in TABLES.items():
        await tx.execute(f"CREATE TEMP TABLE {table} ({columns})")
        await tx.connection.copy_to_table(table, source=source.copy(statement), format="binary")
    await tx.execute(VIEWS)
    await tx.execute(INDEXES)
