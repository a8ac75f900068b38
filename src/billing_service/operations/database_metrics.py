"""What the database knows, asked when Prometheus asks: one statement a figure, and never a long wait."""

import asyncio
import time

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.db import is_unavailable
from billing_service.payments.calls import PAYMENTS
from billing_service.web.dependencies import Services

WALKED = (PAYMENTS.table,)
PATIENCE_SECONDS = 2
SHORT = text("SET LOCAL statement_timeout = '1s'")
OPEN_PAYMENTS = text("""
    SELECT CASE WHEN age < interval '10 minutes' THEN '0-10m' WHEN age < interval '1 hour' THEN '10m-1h'
                WHEN age < interval '1 day' THEN '1h-1d' ELSE '1d+' END,
           outcome_unknown, count(*)
    FROM (
        SELECT billing_now() - created_at AS age, outcome_unknown FROM payments
        WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND shop_id = :shop_id
    ) AS open
    GROUP BY 1, 2
""")
OLDEST_NOTIFICATION = text("""
    SELECT coalesce(extract(epoch FROM billing_now() - min(created_at)), 0) FROM webhook_logs
    WHERE status IN ('RECEIVED', 'UNMATCHED')
""")
LISTS = text("""
    SELECT list, greatest(extract(epoch FROM billing_now() - compared_until), 0)
    FROM list_walks WHERE shop_id = :shop_id
""")
QUEUE = text("""
    SELECT entrypoint, CASE WHEN status = 'queued' AND execute_after > now() THEN 'waiting' ELSE status::text END,
           count(*)
    FROM pgqueuer GROUP BY 1, 2
""")


async def gather(services: Services) -> CollectorRegistry:
    """The figures of this instant. Without a database in time there is one: `billing_database_figures` is 0."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), services.db.begin() as session:
            await session.execute(SHORT)
            figures = await _ask(session, services)
    except Exception as error:
        if not is_unavailable(error):
            raise
        figures, complete = CollectorRegistry(), False
    else:
        complete = True
    _gauge(figures, "billing_database_figures", "Whether the database could be asked: 1 or 0.").set(complete)
    return figures


async def _ask(session: AsyncSession, services: Services) -> CollectorRegistry:
    figures, shop_id = CollectorRegistry(), services.settings.shop_id
    payments = _gauge(
        figures,
        "billing_open_payments",
        "Payments that are not final, by age; in doubt means that YooKassa may have it or not.",
        "age",
        "in_doubt",
    )
    for age, in_doubt, count in await session.execute(OPEN_PAYMENTS, {"shop_id": shop_id}):
        payments.labels(age, str(in_doubt).lower()).set(count)
    _gauge(
        figures,
        "billing_oldest_open_notification_seconds",
        "Age of the oldest notification that has led to nothing yet; 0 without one.",
    ).set((await session.execute(OLDEST_NOTIFICATION)).scalar_one())
    lists = _gauge(
        figures,
        "billing_list_compared_seconds_ago",
        "How long ago YooKassa's list was last compared with our rows up to that moment, or this process began.",
        "list",
    )
    for name in WALKED:
        lists.labels(name).set(time.monotonic() - services.started)
    for name, age in await session.execute(LISTS, {"shop_id": shop_id}):
        lists.labels(name).set(age)
    jobs = _gauge(
        figures,
        "billing_queue_jobs",
        "Jobs by state: queued (due), waiting (due later), picked (running), failed (given up).",
        "entrypoint",
        "status",
    )
    for entrypoint, status, count in await session.execute(QUEUE):
        jobs.labels(entrypoint, status).set(count)
    return figures


def _gauge(registry: CollectorRegistry, name: str, explained: str, *labels: str) -> Gauge:
    return Gauge(name, explained, labels, registry=registry)
