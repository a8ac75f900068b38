"""The SQL of the stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from billing_service.charging.models import Source
from billing_service.kit.transaction import Transaction

# For the statement that claims a charge: true unless somebody has stopped charging.
MAY_CHARGE = "NOT EXISTS (SELECT FROM charging_stops WHERE stopped_since IS NOT NULL)"
# Who stops what is stopped already changes nothing: the first reason is the one that counts.
STOP = """
    INSERT INTO charging_stops AS known (source, stopped_since, author, reason) VALUES ($1, billing_now(), $2, $3)
    ON CONFLICT (source) DO UPDATE SET
        stopped_since = billing_now(), changed_at = billing_now(), author = $2, reason = $3
    WHERE known.stopped_since IS NULL RETURNING source
"""
# The operator's own row is there from then on: it says since when declines are counted.
START = """
    WITH lifted AS (
        UPDATE charging_stops SET stopped_since = NULL, author = NULL, reason = NULL, changed_at = billing_now()
        WHERE source <> 'setting' RETURNING source
    )
    INSERT INTO charging_stops (source) SELECT 'operator' WHERE 'operator' NOT IN (SELECT source FROM lifted)
    ON CONFLICT (source) DO NOTHING
"""
# Changed only by what differs: the instant of the change is the day on which renewals were switched on.
FOLLOW_SETTING = """
    INSERT INTO charging_stops AS known (source, stopped_since, author, reason)
    SELECT 'setting', billing_now(), 'BILLING_RECURRING_ENABLED', 'off' WHERE NOT $1::boolean
    UNION ALL SELECT 'setting', NULL, NULL, NULL WHERE $1
    ON CONFLICT (source) DO UPDATE SET stopped_since = excluded.stopped_since, author = excluded.author,
        reason = excluded.reason, changed_at = billing_now()
    WHERE (known.stopped_since IS NULL) <> $1
"""
LIST = "SELECT source, stopped_since, author, reason, changed_at FROM charging_stops ORDER BY source"


@dataclass(frozen=True)
class Switch:
    """What one source says: stopped since when, by whom and why, or not at all."""

    source: str
    stopped_since: datetime | None
    author: str | None
    reason: str | None
    changed_at: datetime


async def list_switches(tx: Transaction) -> Sequence[Switch]:
    return [Switch(**row) for row in await tx.rows(LIST)]


async def stop(tx: Transaction, source: Source, *, author: str, reason: str) -> bool:
    """Whether it was this call that stopped it."""
    return await tx.value(STOP, source, author, reason) is not None


async def start(tx: Transaction) -> None:
    await tx.execute(START)


async def follow_setting(tx: Transaction, *, on: bool) -> None:
    await tx.execute(FOLLOW_SETTING, on)


# Money that the payer did not have says nothing about us; what YooKassa refused to make does, not what it never had.
DECLINED = """
    WITH concluded AS (
        SELECT status, cancellation_reason FROM payments
        WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL
            AND (status IN ('SUCCEEDED', 'CANCELED')
                OR status = 'FAILED' AND provider_error_code IS DISTINCT FROM 'never_created')
            AND created_at > coalesce((
                SELECT changed_at FROM charging_stops WHERE source = 'operator' AND stopped_since IS NULL
            ), '-infinity')
        ORDER BY created_at DESC LIMIT $2
    )
    SELECT count(*) AS charges,
        count(*) FILTER (
            WHERE status = 'FAILED' OR status = 'CANCELED' AND coalesce(cancellation_reason, '') <> ALL ($1)
        ) AS declined
    FROM concluded
"""


class Declined(NamedTuple):
    """Of the last charges since an operator last started them, how many were declined for other reasons than money, or
    refused."""

    charges: int
    declined: int


async def count_declined(tx: Transaction, *, about_money: Sequence[str], most: int) -> Declined:
    return Declined(**(await tx.row(DECLINED, list(about_money), most) or {}))
