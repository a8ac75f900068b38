"""The statements of daily usage. Its decisions are SQL functions (usage_decisions.sql), one round trip each."""

from datetime import timedelta

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row, Transaction

TODAY = "SELECT * FROM usage_today($1, $2)"
ADMIT = "SELECT * FROM usage_admit($1, $2, $3, $4, $5)"
COMMIT = "SELECT * FROM usage_commit($1, $2, $3)"
RELEASE = "SELECT * FROM usage_release($1, $2, $3)"


async def get_today(statements: StatementPool, user_id: int, zone: str) -> Row:
    return await statements.fetch_one(TODAY, user_id, zone)


async def admit(
    statements: StatementPool,
    user_id: int,
    *,
    amount: int,
    operation_id: str | None,
    hold_for: timedelta | None,
    zone: str,
) -> Row:
    return await statements.fetch_one(ADMIT, user_id, amount, operation_id, hold_for, zone)


async def commit(statements: StatementPool, operation_id: str, zone: str, *, wait: bool) -> Row:
    return await statements.fetch_one(COMMIT, operation_id, zone, wait)


async def release(statements: StatementPool, operation_id: str, zone: str, *, wait: bool) -> Row:
    return await statements.fetch_one(RELEASE, operation_id, zone, wait)


# Locked before it is read, so that what is answered is what was counted when it was forgotten.
RESET = """
    WITH today AS (
        SELECT date, photo_ai_requests AS counted FROM daily_usage
        WHERE user_id = $1 AND date = usage_day(billing_now(), $2) FOR UPDATE
    )
    UPDATE daily_usage SET photo_ai_requests = 0 FROM today
    WHERE daily_usage.user_id = $1 AND daily_usage.date = today.date RETURNING today.counted
"""


async def reset_today(tx: Transaction, user_id: int, zone: str) -> int:
    """Count nothing for today; answers what was counted before."""
    return await tx.value(RESET, user_id, zone) or 0
