"""The SQL of the walk over subscribers."""

from collections.abc import Sequence
from datetime import datetime

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row

# In the order of a number that never changes, and each page is of one instant: who has access all the time is on the
# page of his number, whatever happens to others. Only who has a span that is not over ($4: or was not then) is looked
# at, so many a page; some of them are not asked for, `is_asked_for` says which.
SUBSCRIBERS = """
    SELECT holder.user_id, plan.code AS plan, pro.ends AS access_until, in_force.cause,
        plan.price > 0 AND NOT plan.is_test AS has_access, plan.history_days, plan.daily_photo_limit,
        plan.daily_limits::text AS daily_limits,
        plan.ai_recognition, plan.advanced_stats, plan.priority_support, billing_now() AS as_of,
        (plan.price > 0 AND NOT plan.is_test OR pro.ends > $4 AND pro.ends <= billing_now()) IS TRUE
            AND ($3::text IS NULL OR plan.code = $3) AS is_asked_for
    FROM (
        SELECT DISTINCT user_id FROM subscription_periods
        WHERE user_id > $1 AND upper(span) > least(billing_now(), $4::timestamptz) ORDER BY user_id LIMIT $2
    ) holder
    CROSS JOIN LATERAL plan_in_force(holder.user_id, billing_now()) now_on (plan_code)
    JOIN subscription_plans plan ON plan.code = now_on.plan_code
    CROSS JOIN LATERAL pro_ends(holder.user_id) pro (ends)
    LEFT JOIN LATERAL (
        SELECT cause FROM subscription_periods
        WHERE user_id = holder.user_id AND span @> billing_now() AND plan_code = now_on.plan_code
            AND (NOT is_test OR test_days_count())
        ORDER BY id LIMIT 1
    ) in_force ON true
    ORDER BY holder.user_id
"""


async def list_holders(
    statements: StatementPool, *, after: int, limit: int, plan_code: str | None, ended_since: datetime | None
) -> Sequence[Row]:
    """The next users with days that are not over, or were not at `ended_since`, in the order of their ids."""
    return await statements.fetch(SUBSCRIBERS, after, limit, plan_code, ended_since)
