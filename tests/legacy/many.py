"""Any number of made-up users of the old service, made where they lie, with every kind of damage among them.

The kind of a user is his number modulo 20; what each kind should become is said beside it.
"""

from datetime import date

from tests.legacy.old import OldService

# Of each twenty: ten on FREE, and one of each kind of the ten others.
USERS = """
INSERT INTO subscriptions (user_id, plan_id, start_date, end_date, is_active, auto_renew, yookassa_payment_method_id,
    card_mask, card_brand, created_at, updated_at)
SELECT n, plan, begins, ends, n % 1000 <> 10, kind = 11, CASE WHEN kind = 11 THEN 'pm-' || n END,
    CASE WHEN kind = 11 THEN '•••• ' || lpad((n % 10000)::text, 4, '0') END, NULL, now() - interval '900 days',
    now() - interval '2 hours'
FROM (SELECT n, n % 20 AS kind, now() - (n % 25) * interval '1 day 3 minutes 7 microseconds'
        - CASE WHEN n % 20 = 12 THEN interval '130 days' ELSE interval '0' END AS begins
    FROM generate_series(1, $1::integer) n) one
CROSS JOIN LATERAL (SELECT CASE
    WHEN kind IN (11, 18) THEN 3
    WHEN kind IN (10, 12, 15, 16, 17) THEN 2 ELSE 1 END AS plan) sold
CROSS JOIN LATERAL (SELECT CASE
    WHEN kind IN (11, 18) THEN begins + interval '365 days'
    WHEN kind = 12 THEN begins + interval '90 days'
    WHEN kind = 17 THEN begins + interval '777 days 5 hours 3 microseconds'
    WHEN kind IN (10, 15, 16) THEN begins + interval '30 days'
    ELSE begins + interval '3650 days' END AS ends) dated
"""
# kind -> the payments of a user of that kind: how many, of which plan, in which status.
PAYMENTS = """
INSERT INTO payments (id, user_id, plan_id, amount, currency, status, provider, yookassa_payment_id, is_recurring,
    save_payment_method, description, error_message, metadata, created_at, updated_at, paid_at, webhook_processed_at)
SELECT gen_random_uuid(), s.user_id, plan, price, 'RUB', status, 'YOOKASSA', gen_random_uuid(), kind = 12 AND copy > 1,
    true, 'PRO', CASE WHEN kind = 13 AND copy = 2 THEN 'Cancellation reason: general_decline' ELSE '' END, '{}', at, at,
    CASE WHEN status IN ('SUCCEEDED', 'REFUNDED') THEN at END,
    CASE WHEN status IN ('SUCCEEDED', 'REFUNDED') OR (kind = 13 AND copy = 2) THEN at END
FROM (VALUES
    (10, 1, 2, 'SUCCEEDED'), (11, 1, 3, 'SUCCEEDED'),
    -- A month, and two that were renewed, all over.
    (12, 1, 2, 'SUCCEEDED'), (12, 2, 2, 'SUCCEEDED'), (12, 3, 2, 'SUCCEEDED'),
    -- Canceled by the old clean-up, so that money may have come; and by the provider.
    (13, 1, 2, 'CANCELED'), (13, 2, 3, 'CANCELED'),
    -- Two paid at one moment, one month given.
    (15, 1, 2, 'SUCCEEDED'), (15, 2, 2, 'SUCCEEDED'),
    -- Went back in full, PRO stayed.
    (16, 1, 2, 'REFUNDED'),
    -- Dates edited by hand.
    (17, 1, 2, 'SUCCEEDED'),
    -- A part went back, called refunded.
    (18, 1, 3, 'REFUNDED'),
    (19, 1, 2, 'PENDING')
) sold (kind, copy, plan, status)
JOIN subscriptions s ON s.user_id % 20 = kind
CROSS JOIN LATERAL (
    SELECT CASE plan WHEN 2 THEN 299.00 ELSE 2490.00 END - (s.user_id % 7) * 0.01 AS price,
        CASE WHEN kind = 12 THEN s.end_date - (4 - copy) * interval '30 days' ELSE s.start_date END AS at) facts
"""
REFUNDS = """
INSERT INTO refunds (id, payment_id, amount, status, yookassa_refund_id, reason, error_message, created_at, updated_at,
    completed_at)
SELECT gen_random_uuid(), id, CASE WHEN user_id % 20 = 16 THEN amount ELSE 100.37 END, 'SUCCEEDED', gen_random_uuid(),
    '', '', updated_at, updated_at, updated_at
FROM payments WHERE status = 'REFUNDED'
"""
# A tenth of all, with all that the provider says; a lost payment of kind 14, and refunds of what nobody knows.
NOTIFICATIONS = """
INSERT INTO webhook_logs (id, event_type, event_id, payment_id, status, attempts, error_message, raw_payload, client_ip,
    created_at, processed_at)
SELECT gen_random_uuid(), event, event || ':' || thing || ':succeeded', thing, status, 1, '',
    jsonb_build_object('type', 'notification', 'event', event, 'object', jsonb_build_object(
        'id', thing, 'status', 'succeeded', 'payment_method', jsonb_build_object(
            'id', 'pm-canary', 'card', jsonb_build_object('first6', '220220', 'last4', '4477')))),
    '185.71.76.5', now() - interval '1 day', now()
FROM (
    SELECT CASE WHEN n % 40 = 0 THEN 'refund.succeeded' ELSE 'payment.succeeded' END AS event,
        gen_random_uuid()::text AS thing, CASE WHEN n % 20 IN (0, 14) THEN 'FAILED' ELSE 'SUCCESS' END AS status
    FROM generate_series(1, $1::integer, 2) n WHERE n % 10 IN (1, 5)
) came
"""
USAGE = """
INSERT INTO daily_usage (user_id, date, photo_ai_requests, created_at, updated_at)
SELECT n, $2::date, n % 4, now(), now() FROM generate_series(1, $1::integer, 3) n
"""


async def move_in_many(old: OldService, users: int, today: date) -> None:
    for statement in (USERS, PAYMENTS, REFUNDS, NOTIFICATIONS, USAGE):
        values = (users, today)[: statement.count("$1") + statement.count("$2")]
        await old.connection.execute(statement, *values, timeout=600)
