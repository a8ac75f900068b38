"""A database as it is after three years: so many users and payments, and what hangs on them, made by SQL.

Three notifications a payment, and none of them forgotten yet."""

from benchmarks.databases import execute

SHOP = "500500"
LIVE_FOR = 1095
# Each user came on some day of three years and paid month after month from then on; every tenth payment was declined,
# every fiftieth went back in part. `{size}` users; ten payments for three of them.
ROWS = """
SET session_replication_role = replica;
CREATE TEMPORARY TABLE came AS
    SELECT n AS user_id, date_trunc('milliseconds', now() - random() * interval '{live_for} days') AS at
    FROM generate_series(1, {size}) n;
INSERT INTO subscriptions (user_id, auto_renew, created_at) SELECT user_id, user_id % 3 = 0, at FROM came;
CREATE TEMPORARY TABLE bought AS
    SELECT n, user_id, CASE WHEN n % 20 = 0 THEN 'PRO_YEARLY' ELSE 'PRO_MONTHLY' END AS plan_code,
        CASE WHEN n % 10 <> 7 THEN 'SUCCEEDED' WHEN n % 300 = 7 THEN 'PENDING' ELSE 'CANCELED' END AS status,
        least(at + (n / {size}) * interval '30 days', now() - random() * interval '1 day') AS paid_at
    FROM generate_series(1, {payments}) n JOIN came ON user_id = 1 + n % {size};
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status, shop_id,
    is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, paid_at, created_at, updated_at,
    period_id, cancellation_party, cancellation_reason)
SELECT md5(n::text)::uuid, user_id, plan_code, CASE plan_code WHEN 'PRO_YEARLY' THEN 2490 ELSE 299 END, 'RUB',
    CASE plan_code WHEN 'PRO_YEARLY' THEN 365 ELSE 30 END, '', 'PLAN', status, '{shop}', false, '', '', '', '',
    md5(n::text), CASE status WHEN 'SUCCEEDED' THEN paid_at END, paid_at, paid_at,
    CASE status WHEN 'SUCCEEDED' THEN n END, CASE status WHEN 'CANCELED' THEN 'payment_network' END,
    CASE status WHEN 'CANCELED'
        THEN (ARRAY['insufficient_funds', 'card_expired', 'general_decline'])[1 + n % 3] END
FROM bought;
INSERT INTO subscription_periods (id, user_id, plan_code, cause, payment_id, days, granted_at, span)
    OVERRIDING SYSTEM VALUE
SELECT period_id, user_id, plan_code, 'payment', id, duration_days, paid_at,
    tstzrange(begins, begins + duration_days * interval '24 hours')
FROM (
    SELECT *, min(paid_at) OVER line + coalesce(sum(duration_days) OVER before, 0) * interval '24 hours' AS begins
    FROM payments WHERE status = 'SUCCEEDED'
    WINDOW line AS (PARTITION BY user_id ORDER BY period_id),
        before AS (line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) laid;
INSERT INTO subscription_periods (id, user_id, plan_code, cause, author, reason, days, granted_at, span)
    OVERRIDING SYSTEM VALUE
SELECT {payments} + user_id, user_id, 'PRO_MONTHLY', 'grant', 'support', 'trial', 3, at - interval '10 days',
    tstzrange(at - interval '240 hours', at - interval '168 hours')
FROM came WHERE user_id % 50 = 0;
INSERT INTO grants (id, user_id, period_id, caller, idempotency_key, request_fingerprint, created_at)
SELECT md5('grant ' || id)::uuid, user_id, id, '', id::text, '', granted_at
FROM subscription_periods WHERE cause = 'grant';
INSERT INTO refunds (id, payment_id, amount, currency, made_by, access, access_cut, applied_at, reason, status, shop_id,
    is_test, completed_at, created_at)
SELECT id, id, 100, 'RUB', 'cabinet', 'keep', interval '0', paid_at, '', 'SUCCEEDED', '{shop}', false,
    paid_at + interval '1 day', paid_at
FROM payments WHERE status = 'SUCCEEDED' AND period_id % 50 = 1;
INSERT INTO refund_requests (id, payment_id, reason, created_at, answer_by)
SELECT id, id, '', paid_at, paid_at + interval '10 days'
FROM payments WHERE status = 'SUCCEEDED' AND period_id % 50 = 2;
INSERT INTO consents
    (id, user_id, document_version, plan_code, amount, currency, period_days, given_with, caller, given_at)
SELECT md5(user_id::text)::uuid, user_id, '1', 'PRO_MONTHLY', 299, 'RUB', 30, 'purchase', '', at
FROM came WHERE user_id % 3 = 0;
INSERT INTO payment_methods
    (id, user_id, shop_id, is_test, consent_id, sealed_id, id_digest, type, card_last4, saved_at)
SELECT id, user_id, '{shop}', false, id, '', id::text, 'bank_card', '4444', given_at FROM consents;
INSERT INTO renewal_notices (id, user_id, period_id, plan_code, amount, currency, duration_days, charge_at,
    charge_until, event_id, told_at, told_by, created_at)
SELECT pay.id, user_id, pay.period_id, plan_code, amount, currency, duration_days, paid_at + interval '28 days',
    paid_at + interval '30 days', pay.id, paid_at + interval '27 days', 'main', paid_at + interval '26 days'
FROM payments pay JOIN subscriptions USING (user_id)
WHERE status = 'SUCCEEDED' AND auto_renew AND plan_code = 'PRO_MONTHLY';
INSERT INTO payment_method_refusals (id, user_id, caller, refused_at)
SELECT id, user_id, '', least(given_at + interval '400 days', now()) FROM consents WHERE user_id % 5 = 0;
INSERT INTO card_bindings (id, user_id, consent_id, status, shop_id, is_test, caller, request_fingerprint, return_url,
    next_ask_at)
SELECT id, user_id, id, CASE WHEN user_id % 5 = 1 THEN 'PENDING' ELSE 'FAILED' END, '{shop}', false, '', '', '',
    now() + user_id * interval '1 second'
FROM consents WHERE user_id % 2 = 0;
INSERT INTO user_moves (id, from_user_id, to_user_id, moved_at, moved)
SELECT md5('move ' || user_id)::uuid, {payments} + user_id, user_id, at, '{{}}' FROM came WHERE user_id % 40 = 0;
INSERT INTO user_move_cuts (period_id, move_id, cut)
SELECT n, md5('move ' || n)::uuid, interval '1 second' FROM generate_series(1, {payments}) n WHERE n % 40 = 0;
INSERT INTO receipt_contacts (user_id, sealed) SELECT user_id, '' FROM came WHERE user_id % 2 = 0;
INSERT INTO audit_log (user_id, action, caller, request_id, details)
SELECT user_id, CASE user_id % 2 WHEN 0 THEN 'usage.reset' ELSE 'deed.' || user_id % 100 END, 'cli', '',
    '{{"used_before": 3, "feature": "photo_ai"}}'
FROM came;
INSERT INTO daily_usage (user_id, date, photo_ai_requests)
SELECT user_id, (now() AT TIME ZONE 'Europe/Moscow')::date - day, 1 + user_id % 3
FROM came, generate_series(0, 364) day WHERE user_id % 100 = day % 100;
INSERT INTO outbox_events (kind, user_id, data, occurred_at, feed_no, user_seq)
SELECT 'payment.succeeded', user_id, '{{}}', paid_at, n, n FROM bought;
INSERT INTO outbox_events (kind, user_id, data, occurred_at, feed_no, user_seq)
SELECT 'usage.limit_reached', user_id, '{{"plan": "FREE", "daily_limit": 3}}', now() - random() * interval '400 days',
    {payments} + user_id, {payments} + user_id
FROM came;
INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload, status, attempts, looks,
    created_at, processed_at)
SELECT md5(n || ' ' || copy), (ARRAY['payment.waiting_for_capture', 'payment.succeeded', 'refund.succeeded'])[copy],
    md5(n::text), md5('request ' || n || ' ' || copy), '185.71.76.1', '{{"type": "notification", "object": {{}}}}',
    CASE WHEN copy < 3 OR n % 50 > 0 THEN 'SUCCESS'
        ELSE (ARRAY['FOREIGN', 'FAILED', 'CLOSED', 'GIVEN_UP', 'UNMATCHED'])[1 + n / 50 % 5] END,
    1, 1, paid_at + copy * interval '1 second',
    CASE WHEN copy < 3 OR n % 50 > 0 OR n / 50 % 5 < 3 THEN paid_at + copy * interval '3 seconds' END
FROM bought, generate_series(1, 3) copy ORDER BY paid_at;
SELECT note_access_changes(ARRAY(SELECT user_id FROM came));
UPDATE shop_in_force SET is_test = false;
SET session_replication_role = origin;
"""


def grow(database_url: str, users: int) -> None:
    """Fill a migrated, empty database with `users` and ten payments for every three of them."""
    execute(database_url, ROWS.format(size=users, payments=users * 10 // 3, shop=SHOP, live_for=LIVE_FOR))
    execute(database_url, "VACUUM ANALYZE")
