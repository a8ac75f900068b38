"""A charge written down past all our code, and never past what the database holds."""

from uuid import uuid4

import asyncpg

from tests.stage import USER

# The payer was told in time, and may be charged now.
NOTICE = """
    INSERT INTO renewal_notices (id, user_id, period_id, plan_code, amount, currency, duration_days, charge_at,
        charge_until, event_id, told_at, told_by, created_at)
    SELECT $1, user_id, id, 'PRO_MONTHLY', 299, 'RUB', 30, billing_now() - interval '1 hour',
        billing_now() + interval '1 day', gen_random_uuid(), billing_now() - interval '4 days', 'telegram',
        billing_now() - interval '4 days'
    FROM subscription_periods WHERE user_id = $2 ORDER BY id DESC LIMIT 1
"""
CHARGE = """
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id,
        is_test, caller, route, request_fingerprint, return_url, is_recurring, payment_method_id, request_body,
        surplus_of, status, consent_id, notice_id, renewed_period_id)
    SELECT $1, $2, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', '100500', true, 'raw', 'raw', '', '', true, $3,
        $4, $5, $6, m.consent_id, n.id, n.period_id
    FROM payment_methods m LEFT JOIN renewal_notices n ON n.id = $7 WHERE m.id = $3
"""


async def charge(
    connection: asyncpg.Connection,
    method: object,
    *,
    user: int = USER,
    surplus_of: object = None,
    status: str = "PENDING",
) -> None:
    """Charge this method for the user's last period. Raises what the database refuses it with."""
    body, notice = b"bytes" if status == "PENDING" else None, uuid4()
    await connection.execute(NOTICE, notice, user)
    await connection.execute(CHARGE, uuid4(), user, method, body, surplus_of, status, notice)
