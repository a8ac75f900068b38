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
    return bool((await connection.execute(CHANGE, {"zone": zone})).rowcount)
