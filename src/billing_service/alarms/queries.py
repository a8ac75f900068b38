"""The SQL of the alarms."""

from collections.abc import Mapping

from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of

UPSERT = """
    INSERT INTO alarms AS standing (kind, subject, facts) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (kind, subject) DO UPDATE SET
        facts = excluded.facts,
        times = standing.times + 1,
        changed_at = CASE WHEN standing.facts = excluded.facts THEN standing.changed_at ELSE billing_now() END,
        last_at = billing_now()
    RETURNING changed_at = last_at
"""


async def get_hour(tx: Transaction) -> str:
    hour: str = await tx.value("SELECT to_char(billing_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')")
    return hour


# Met again it is only kept for longer.
INSERT_ONCE = """
    INSERT INTO alarms AS standing (kind, subject, facts) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (kind, subject) DO UPDATE SET times = standing.times + 1, last_at = billing_now()
    RETURNING times = 1
"""


async def insert_alarm_once(tx: Transaction, kind: str, subject: str, facts: Mapping[str, object]) -> bool:
    """True if it is new."""
    is_new: bool = await tx.value(INSERT_ONCE, kind, subject, json_of(facts).decode())
    return is_new


async def upsert_alarm(tx: Transaction, kind: str, subject: str, facts: Mapping[str, object]) -> bool:
    """True if it is new or its facts have changed. Of two who meet the thing at once, one hears True."""
    is_news: bool = await tx.value(UPSERT, kind, subject, json_of(facts).decode())
    return is_news
