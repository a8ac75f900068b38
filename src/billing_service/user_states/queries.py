"""The SQL of states. What is PRO, until when, and what is left of today is asked where `me/` and the events ask it."""

from collections.abc import Sequence

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row
from billing_service.outlooks.queries import FACTS

# One statement, of one instant, for one user as for many; with everything that decides about his next charge.
STATES = f"""
    SELECT known.*, coalesce(today.access_until, known.ends) AS access_until,
        today.plan_code, today.daily_limit, today.used, today.held, today.resets_at,
        plan.display_name AS plan_name, plan.price AS plan_price, plan.is_test AS plan_is_test, plan.history_days,
        plan.daily_limits::text AS daily_limits,
        plan.ai_recognition, plan.advanced_stats, plan.priority_support,
        pay.id AS payment_id, pay.plan_code AS payment_plan, pay.amount AS payment_amount,
        pay.currency AS payment_currency, pay.created_at AS payment_created_at,
        pay.confirmation_url AS payment_confirmation_url, pay.is_recurring AS payment_is_recurring,
        agreed.document_version AS consent_document_version, agreed.plan_code AS consent_plan,
        agreed.amount AS consent_amount, agreed.currency AS consent_currency,
        agreed.period_days AS consent_period_days, agreed.given_at AS consent_given_at
    FROM ({FACTS}) known
    CROSS JOIN LATERAL usage_today(known.user_id, $4) today
    JOIN subscription_plans plan ON plan.code = today.plan_code
    LEFT JOIN LATERAL (
        SELECT * FROM payments
        WHERE user_id = known.user_id AND status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND purpose = 'PLAN'
            AND replaced_by IS NULL
        ORDER BY created_at DESC, id LIMIT 1
    ) pay ON true
    LEFT JOIN consents agreed ON agreed.id = known.consent_id
    ORDER BY known.place
"""  # noqa: S608 (constants)


async def list_states(
    statements: StatementPool, user_ids: Sequence[int], zone: str, *, shop_id: str, is_test: bool
) -> Sequence[Row]:
    """One row for each id, in this order, also for a user we have never seen."""
    return await statements.fetch(STATES, list(user_ids), shop_id, is_test, zone)
