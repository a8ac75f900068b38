"""The SQL of states. What is PRO, until when, and what is left of today is asked where `me/` and the events ask it."""

from collections.abc import Sequence

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row

# One statement, of one instant, for one user as for many.
STATES = """
    SELECT asked.user_id, billing_now() AS as_of, coalesce(today.access_until, pro.ends) AS access_until,
        pro.ends AS pro_until,
        today.plan_code, today.daily_limit, today.used, today.held, today.resets_at,
        plan.display_name AS plan_name, plan.price AS plan_price, plan.is_test AS plan_is_test, plan.history_days,
        plan.daily_limits::text AS daily_limits,
        plan.ai_recognition, plan.advanced_stats, plan.priority_support,
        coalesce(known.auto_renew, false) AS auto_renew,
        method.id AS method_id, method.type AS method_type, method.title AS method_title,
        method.card_last4 AS method_card_last4, method.card_brand AS method_card_brand,
        method.expires AS method_expires,
        pay.id AS payment_id, pay.plan_code AS payment_plan, pay.amount AS payment_amount,
        pay.currency AS payment_currency, pay.created_at AS payment_created_at,
        pay.confirmation_url AS payment_confirmation_url, pay.is_recurring AS payment_is_recurring,
        agreed.id AS consent_id, agreed.document_version AS consent_document_version,
        agreed.plan_code AS consent_plan, agreed.amount AS consent_amount, agreed.currency AS consent_currency,
        agreed.period_days AS consent_period_days, agreed.given_at AS consent_given_at,
        sold.price AS sold_price, sold.duration_days AS sold_days
    FROM unnest($1::bigint[]) WITH ORDINALITY asked (user_id, place)
    CROSS JOIN LATERAL usage_today(asked.user_id, $2) today
    CROSS JOIN LATERAL pro_ends(asked.user_id) pro (ends)
    JOIN subscription_plans plan ON plan.code = today.plan_code
    LEFT JOIN subscriptions known ON known.user_id = asked.user_id
    LEFT JOIN payment_methods method
        ON method.user_id = asked.user_id AND method.shop_id = $3 AND method.is_test = $4 AND method.status = 'ACTIVE'
    LEFT JOIN LATERAL (
        SELECT * FROM payments
        WHERE user_id = asked.user_id AND status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND purpose = 'PLAN'
            AND replaced_by IS NULL
        ORDER BY created_at DESC, id LIMIT 1
    ) pay ON true
    LEFT JOIN LATERAL (
        SELECT * FROM consents WHERE user_id = asked.user_id AND withdrawn_at IS NULL
        ORDER BY given_at DESC, id LIMIT 1
    ) agreed ON true
    LEFT JOIN subscription_plans sold
        ON sold.code = agreed.plan_code AND sold.is_active AND NOT sold.is_test AND sold.price > 0
    ORDER BY asked.place
"""


async def list_states(
    statements: StatementPool, user_ids: Sequence[int], zone: str, *, shop_id: str, is_test: bool
) -> Sequence[Row]:
    """One row for each id, in this order, also for a user we have never seen."""
    return await statements.fetch(STATES, list(user_ids), zone, shop_id, is_test)
