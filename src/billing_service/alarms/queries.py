"""The SQL of the alarms."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of

UPSERT = """
    INSERT INTO alarms AS standing (kind, subject, facts) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (kind, subject) DO UPDATE SET
        facts = excluded.facts,
        times = standing.times + 1,
        changed_at = CASE WHEN standing.facts = excluded.facts THEN standing.changed_at ELSE billing_now() END,
        resolved_at = CASE WHEN standing.facts = excluded.facts THEN standing.resolved_at END,
        acknowledged_at = CASE WHEN standing.facts = excluded.facts THEN standing.acknowledged_at END,
        acknowledged_by = CASE WHEN standing.facts = excluded.facts THEN standing.acknowledged_by END,
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


# Met again after somebody has closed it, or after a while without it, it is there anew.
LASTS = "standing.resolved_at IS NULL AND standing.last_at > billing_now() - $4::interval"
MEET = f"""
    INSERT INTO alarms AS standing (kind, subject, facts) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (kind, subject) DO UPDATE SET
        facts = excluded.facts,
        times = standing.times + 1,
        changed_at = CASE WHEN {LASTS} THEN standing.changed_at ELSE billing_now() END,
        acknowledged_at = CASE WHEN {LASTS} THEN standing.acknowledged_at END,
        acknowledged_by = CASE WHEN {LASTS} THEN standing.acknowledged_by END,
        resolved_at = NULL,
        last_at = billing_now()
"""  # noqa: S608 (a constant)


async def meet_condition(
    tx: Transaction, kind: str, subject: str, facts: Mapping[str, object], *, quiet: timedelta
) -> None:
    """It is one and the same while no more than `quiet` lies between two meetings and nobody has closed it."""
    await tx.execute(MEET, kind, subject, json_of(facts).decode(), quiet)


# By the thing's own id, or by the payment that it is about.
RESOLVE = """
    UPDATE alarms SET resolved_at = billing_now()
    WHERE resolved_at IS NULL AND kind = ANY($1) AND (
        subject = ANY($2) OR facts ->> 'payment_id' = ANY($2) OR facts ->> 'yookassa_payment_id' = ANY($2)
    )
    RETURNING kind
"""


async def resolve_alarms(tx: Transaction, kinds: Collection[str], about: Collection[str]) -> Sequence[str]:
    """The kinds of those that stood."""
    return [row["kind"] for row in await tx.rows(RESOLVE, list(kinds), list(about))]


ACKNOWLEDGE = """
    UPDATE alarms SET acknowledged_at = billing_now(), acknowledged_by = $3
    WHERE kind = $1 AND subject = $2 AND resolved_at IS NULL AND acknowledged_by IS DISTINCT FROM $3
    RETURNING kind
"""


async def acknowledge_alarm(tx: Transaction, kind: str, subject: str, by: str) -> bool:
    """False if it does not stand, or he had it already."""
    return await tx.value(ACKNOWLEDGE, kind, subject, by) is not None


class Standing(NamedTuple):
    """An alarm about a thing that nobody has decided yet, and since when it is as it is."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    since: datetime


UNRESOLVED = """
    SELECT kind, subject, facts::text AS facts, changed_at AS since FROM alarms
    WHERE resolved_at IS NULL AND kind = ANY($1) ORDER BY changed_at, subject
"""


async def list_unresolved(tx: Transaction, kinds: Collection[str]) -> Sequence[Standing]:
    rows = await tx.rows(UNRESOLVED, list(kinds))
    return [Standing(**{**row, "facts": json.loads(row["facts"])}) for row in rows]
