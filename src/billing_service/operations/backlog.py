"""What waits to be done, and who is there to do it: what the figures show and the doctor judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.heartbeats import service as heartbeats
from billing_service.heartbeats.service import Presence
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.kinds import Kind
from billing_service.refunds.calls import REFUNDS

# What is asked of YooKassa and walked through its lists; of bindings it has no list.
KINDS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS)
WALKED = tuple(kind.table for kind in KINDS)
ASKED_ABOUT: Mapping[str, Kind[Any, Any]] = {f"{kind.name}s": kind for kind in (*KINDS, BINDINGS)}
SHORT = text("SET LOCAL statement_timeout = '1s'")
OPEN = """
    SELECT CASE WHEN age < interval '10 minutes' THEN '0-10m' WHEN age < interval '1 hour' THEN '10m-1h'
                WHEN age < interval '1 day' THEN '1h-1d' ELSE '1d+' END,
           outcome_unknown, count(*)
    FROM (
        SELECT billing_now() - created_at AS age, outcome_unknown FROM {table}
        WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND shop_id = :shop_id
    ) AS open
    GROUP BY 1, 2
"""
UNSETTLED_NOTIFICATIONS = text("""
    SELECT status, CASE WHEN age < interval '10 minutes' THEN '0-10m' WHEN age < interval '1 hour' THEN '10m-1h'
                WHEN age < interval '1 day' THEN '1h-1d' ELSE '1d+' END,
           count(*)
    FROM (
        SELECT status, billing_now() - created_at AS age FROM webhook_logs
        WHERE status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP')
    ) AS unsettled
    GROUP BY 1, 2
""")
OLDEST_NOTIFICATION = text("""
    SELECT coalesce(extract(epoch FROM billing_now() - min(created_at)), 0)::float8 FROM webhook_logs
    WHERE status IN ('RECEIVED', 'UNMATCHED')
""")
LISTS = text("""
    SELECT list, greatest(extract(epoch FROM billing_now() - compared_until), 0)::float8 AS seconds
    FROM list_walks WHERE shop_id = :shop_id
""")
SELLING_FOR = text("""
    SELECT coalesce(extract(epoch FROM billing_now() - min(created_at)), 0)::float8 FROM payments
    WHERE shop_id = :shop_id AND caller <> 'legacy'
""")
UNDELIVERED = text("""
    SELECT coalesce(sum(last_seq - next_seq + 1), 0)::bigint,
           coalesce(extract(epoch FROM billing_now() - min(first_tried_at)), 0)::float8
    FROM event_streams WHERE next_seq <= last_seq
""")
UNREGISTERED = """
    SELECT receipt_registration, count(*) FROM {table}
    WHERE status = 'SUCCEEDED' AND receipt_registration IN ('pending', 'canceled') AND shop_id = :shop_id
    GROUP BY 1
"""
# Of a shop that only tried things nothing was paid.
LEFT_IN_ANOTHER_SHOP = text("""
    SELECT count(*) FROM payments
    WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        AND shop_id <> :shop_id AND NOT is_test
""")
OVERDUE_REQUESTS = text("""
    SELECT count(*) FROM refund_requests WHERE concluded_at IS NULL AND answer_by < billing_now()
""")
# The full pass is for a person; what comes round by itself is the day.
LAST_AUDIT = text("""
    SELECT greatest(extract(epoch FROM billing_now() - finished_at), 0)::float8,
           extract(epoch FROM finished_at - started_at)::float8,
           (SELECT count(*) FROM jsonb_each(report -> 'findings'))
    FROM daily_audits WHERE NOT is_full ORDER BY id DESC LIMIT 1
""")
QUEUE = text("""
    SELECT entrypoint, CASE WHEN status = 'queued' AND execute_after > now() THEN 'waiting' ELSE status::text END,
           count(*)
    FROM pgqueuer GROUP BY 1, 2
""")


@dataclass(frozen=True)
class StillOpen:
    """So many `payments`, `refunds` or `bindings` of one range of age that are not final; `in_doubt`: YooKassa may have
    them or not."""

    of: str
    age: str
    in_doubt: bool
    count: int


@dataclass(frozen=True)
class Notifications:
    """So many of one status and one range of age that have led to nothing; GIVEN_UP waits for a person."""

    status: str
    age: str
    count: int


@dataclass(frozen=True)
class Undelivered:
    """So many events that the main backend has not heard, and for how many seconds the oldest try has failed."""

    count: int
    tried_for: float


@dataclass(frozen=True)
class Unregistered:
    """So many receipts of money that moved that are `pending`, or `canceled`: a person must see to those."""

    table: str
    registration: str
    count: int


@dataclass(frozen=True)
class Audited:
    """The newest daily audit: how long ago it ended, how long it took, and how many rules it found broken."""

    seconds_ago: float
    took_seconds: float
    broken_rules: int


@dataclass(frozen=True)
class Jobs:
    """So many jobs: queued (due), waiting (due later), picked (running) or failed (given up)."""

    entrypoint: str
    status: str
    count: int


@dataclass(frozen=True)
class Backlog:
    """Ages in seconds. A list that was never compared for this shop is missing; no notification waits (a given-up one
    does not any more): 0; no audit yet: none."""

    open: Sequence[StillOpen]
    oldest_notification: float
    unsettled_notifications: Sequence[Notifications]
    lists_compared: Mapping[str, float]
    events: Undelivered
    receipts: Sequence[Unregistered]
    left_in_another_shop: int
    overdue_requests: int
    audited: Audited | None
    jobs: Sequence[Jobs]
    workers: Presence


async def get_backlog(session: AsyncSession, shop_id: str) -> Backlog:
    """One statement each, and none for longer than a second."""
    await session.execute(SHORT)
    shop = {"shop_id": shop_id}
    return Backlog(
        open=[
            StillOpen(of, *row)
            for of, kind in ASKED_ABOUT.items()
            for row in await session.execute(text(OPEN.format(table=kind.table)), shop)
        ],
        oldest_notification=(await session.execute(OLDEST_NOTIFICATION)).scalar_one(),
        unsettled_notifications=[
            Notifications(*row) for row in await session.execute(UNSETTLED_NOTIFICATIONS)
        ],
        lists_compared={row.list: row.seconds for row in await session.execute(LISTS, shop)},
        events=Undelivered(*(await session.execute(UNDELIVERED)).one()),
        receipts=[
            Unregistered(table, *row)
            for table in WALKED
            for row in await session.execute(text(UNREGISTERED.format(table=table)), shop)
        ],
        left_in_another_shop=(await session.execute(LEFT_IN_ANOTHER_SHOP, shop)).scalar_one(),
        overdue_requests=(await session.execute(OVERDUE_REQUESTS)).scalar_one(),
        audited=Audited(*audit) if (audit := (await session.execute(LAST_AUDIT)).one_or_none()) else None,
        jobs=[Jobs(*row) for row in await session.execute(QUEUE)],
        workers=await heartbeats.presence(session),
    )


async def get_selling_for(session: AsyncSession, shop_id: str) -> float:
    """How many seconds ago the first payment of this shop was begun; 0 without any."""
    seconds: float = (await session.execute(SELLING_FOR, {"shop_id": shop_id})).scalar_one()
    return seconds
