"""Whose midnight ends a day: one zone for all processes of a database. Two zones would allow 3 + 3 photos."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IN_FORCE = text("SELECT name FROM usage_timezone")
IS_KNOWN = text("SELECT is_time_zone(:zone)")
KEEP = text("INSERT INTO usage_timezone (name) VALUES (:zone) ON CONFLICT DO NOTHING")
CHANGE = text("""
    INSERT INTO usage_timezone (name) SELECT :zone WHERE is_time_zone(:zone)
    ON CONFLICT (singleton) DO UPDATE SET name = excluded.name
""")
# Where the new midnight is still to come, what was used on the day that had begun already belongs to this one: it would
# be taken for tomorrow's.
BROUGHT_BACK = (
    """
    WITH ahead AS (
        DELETE FROM daily_usage WHERE date > usage_day(billing_now(), :zone)
        RETURNING user_id, photo_ai_requests, holds, nameless
    )
    INSERT INTO daily_usage AS today (user_id, date, photo_ai_requests, holds, nameless)
    SELECT user_id, usage_day(billing_now(), :zone), photo_ai_requests, holds, nameless FROM ahead
    ON CONFLICT (user_id, date) DO UPDATE SET
        photo_ai_requests = today.photo_ai_requests + excluded.photo_ai_requests,
        holds = today.holds || excluded.holds, nameless = both_nameless(today.nameless, excluded.nameless)
    """,
    """
    WITH ahead AS (
        DELETE FROM daily_feature_usage WHERE date > usage_day(billing_now(), :zone)
        RETURNING user_id, feature, used, holds, nameless
    )
    INSERT INTO daily_feature_usage AS today (user_id, date, feature, used, holds, nameless)
    SELECT user_id, usage_day(billing_now(), :zone), feature, used, holds, nameless FROM ahead
    ON CONFLICT (user_id, date, feature) DO UPDATE SET
        used = today.used + excluded.used, holds = today.holds || excluded.holds,
        nameless = both_nameless(today.nameless, excluded.nameless)
    """,
    """
    UPDATE usage_operations SET date = usage_day(billing_now(), :zone) WHERE date > usage_day(billing_now(), :zone)
    """,
)


async def trouble_with(connection: AsyncConnection, zone: str) -> str | None:
    """Why days cannot be counted in this zone here, or None."""
    if not await connection.scalar(IS_KNOWN, {"zone": zone}):
        return f"it does not know BILLING_TIMEZONE={zone}"
    in_force = await connection.scalar(IN_FORCE)
    if in_force not in {None, zone}:
        return (
            f"its days end at midnight of {in_force}, and BILLING_TIMEZONE is {zone}: put that back, or stop every "
            f"process and run billing-service migrate --timezone {zone}"
        )
    return None


async def keep(connection: AsyncConnection, zone: str) -> str | None:
    """Put the zone in force if none is; answers as `trouble_with`. Of two at once the first to commit wins."""
    if await connection.scalar(IN_FORCE) is None:
        await connection.execute(KEEP, {"zone": zone})
    return await trouble_with(connection, zone)


async def change(connection: AsyncConnection, zone: str) -> bool:
    """Put this zone in force instead of the one that is. False if PostgreSQL does not know it; safe to repeat."""
    if not (await connection.execute(CHANGE, {"zone": zone})).rowcount:
        return False
    for statement in BROUGHT_BACK:
        await connection.execute(text(statement), {"zone": zone})
    return True
