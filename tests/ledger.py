"""What the database says, read with plain SQL, so that a test does not trust the code it tests."""

from typing import Any

from sqlalchemy import text

from billing_service.kit.db import Database

NO_OVERLAP = """
SELECT count(*) FROM subscription_periods a JOIN subscription_periods b
    ON a.user_id = b.user_id AND a.id < b.id AND a.span && b.span
"""
HOLES = """
SELECT count(*) FROM (
    SELECT lower(span) > lag(upper(span)) OVER (PARTITION BY user_id ORDER BY granted_at, id) AS hole
    FROM subscription_periods
) spans WHERE hole
"""
TOTAL_DAYS = """
SELECT coalesce(extract(epoch FROM sum(upper(span) - lower(span))) / 86400, 0)
FROM subscription_periods WHERE user_id = :user_id
"""


async def rows(database: Database, sql: str, **values: object) -> list[dict[str, Any]]:
    async with database.engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(text(sql), values)).mappings()]


async def value(database: Database, sql: str, **values: object) -> Any:  # noqa: ANN401 (one column of any type)
    async with database.engine.connect() as connection:
        return (await connection.execute(text(sql), values)).scalar_one()


async def days_granted(database: Database, user_id: int) -> float:
    """Days of access a user was ever given, as laid on the calendar."""
    return float(await value(database, TOTAL_DAYS, user_id=user_id))


async def spans_lie_end_to_end(database: Database) -> bool:
    """No overlap and no hole between one user's spans (as long as none ran out before the next was bought)."""
    overlaps = int(await value(database, NO_OVERLAP))
    holes = int(await value(database, HOLES))
    return (overlaps, holes) == (0, 0)


async def everything(database: Database) -> str:
    """Every row of every table, as text: what a canary must not be found in."""
    tables = await rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    parts = [str(await rows(database, f"SELECT t::text FROM {table['tablename']} t")) for table in tables]  # noqa: S608
    return "\n".join(parts)
