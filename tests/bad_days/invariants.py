"""How every bad day ends: with nothing that must never be false."""

from billing_service.kit.db import Database
from billing_service.operations.invariants import INVARIANTS, find_violations

# A span starts where the one before it ends, or at the instant of the grant: no day lost, none given twice.
MISLAID = """
SELECT id FROM (
    SELECT id, lower(span) AS start, granted_at,
        lag(upper(span)) OVER (PARTITION BY user_id ORDER BY lower(span)) AS previous_end
    FROM subscription_periods
) spans WHERE start IS DISTINCT FROM greatest(previous_end, granted_at)
"""


async def broken_rules(database: Database) -> dict[str, list[str]]:
    """Each broken rule with the rows that break it."""
    async with database.engine.connect() as connection:
        found = {rule: list(await find_violations(connection, rule)) for rule in INVARIANTS}
    return {rule: rows for rule, rows in found.items() if rows}
