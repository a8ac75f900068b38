"""What the database knows, asked when Prometheus asks: one statement a figure, and never a long wait."""

import asyncio
import time

from prometheus_client import CollectorRegistry, Gauge

from billing_service.kit.db import is_unavailable
from billing_service.operations.backlog import ASKED_ABOUT, WALKED, Backlog, get_backlog
from billing_service.services import Services

PATIENCE_SECONDS = 2


async def gather(services: Services) -> CollectorRegistry:
    """The figures of this instant. Without a database in time there is one: `billing_database_figures` is 0."""
    figures = CollectorRegistry()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), services.db.begin() as session:
            backlog = await get_backlog(session, services.settings.shop_id)
    except Exception as error:
        if not is_unavailable(error):
            raise
        complete = False
    else:
        complete = True
        _show_backlog(figures, backlog)
        _show_lists(figures, backlog, since_start=time.monotonic() - services.started)
        _show_receipts(figures, backlog)
        _show_audit(figures, backlog)
        _show_workers(figures, backlog)
    _gauge(figures, "billing_database_figures", "Whether the database could be asked: 1 or 0.").set(complete)
    return figures


def _show_backlog(figures: CollectorRegistry, backlog: Backlog) -> None:
    still_open = {
        of: _gauge(
            figures,
            f"billing_open_{of}",
            f"{of.capitalize()} that are not final, by age; in doubt means that YooKassa may have it or not.",
            "age",
            "in_doubt",
        )
        for of in ASKED_ABOUT
    }
    for some in backlog.open:
        still_open[some.of].labels(some.age, str(some.in_doubt).lower()).set(some.count)
    _gauge(
        figures,
        "billing_oldest_open_notification_seconds",
        "Age of the oldest notification that is still being looked at; 0 without one.",
    ).set(backlog.oldest_notification)
    notifications = _gauge(
        figures,
        "billing_unsettled_notifications",
        "Notifications that have led to nothing, by status and age; GIVEN_UP waits for a person.",
        "status",
        "age",
    )
    for alike in backlog.unsettled_notifications:
        notifications.labels(alike.status, alike.age).set(alike.count)
    _gauge(
        figures, "billing_undelivered_events", "Events that the main backend has not been brought yet."
    ).set(backlog.events.count)
    _gauge(
        figures,
        "billing_event_tried_for_seconds",
        "For how long one event has been tried in vain, the longest; 0 while everything arrives.",
    ).set(backlog.events.tried_for)
    _gauge(
        figures,
        "billing_overdue_refund_requests",
        "Payers who ask for their money and should have been answered by now.",
    ).set(backlog.overdue_requests)
    jobs = _gauge(
        figures,
        "billing_queue_jobs",
        "Jobs by state: queued (due), waiting (due later), picked (running), failed (given up).",
        "entrypoint",
        "status",
    )
    for same in backlog.jobs:
        jobs.labels(same.entrypoint, same.status).set(same.count)


def _show_lists(figures: CollectorRegistry, backlog: Backlog, *, since_start: float) -> None:
    lists = _gauge(
        figures,
        "billing_list_compared_seconds_ago",
        "How long ago YooKassa's list was last compared with our rows up to that moment, or this process began.",
        "list",
    )
    for name, age in (dict.fromkeys(WALKED, since_start) | dict(backlog.lists_compared)).items():
        lists.labels(name).set(age)


def _show_receipts(figures: CollectorRegistry, backlog: Backlog) -> None:
    receipts = _gauge(
        figures,
        "billing_unregistered_receipts",
        "Receipts of money that moved which are not registered: pending, or canceled (a person must see to those).",
        "of",
        "registration",
    )
    for alike in backlog.receipts:
        receipts.labels(alike.table, alike.registration).set(alike.count)


def _show_audit(figures: CollectorRegistry, backlog: Backlog) -> None:
    if backlog.audited is None:
        return
    told = {
        "billing_daily_audit_seconds_ago": ("How long ago the newest daily audit ended.", "seconds_ago"),
        "billing_daily_audit_took_seconds": ("How long it took.", "took_seconds"),
        "billing_daily_audit_broken_rules": (
            "How many rules it found broken; 0 when all is well.",
            "broken_rules",
        ),
    }
    for name, (explained, figure) in told.items():
        _gauge(figures, name, explained).set(getattr(backlog.audited, figure))


def _show_workers(figures: CollectorRegistry, backlog: Backlog) -> None:
    alive = _gauge(figures, "billing_workers_alive", "Workers that were seen in the last half minute.")
    alive.set(backlog.workers.alive)
    if backlog.workers.seen_seconds_ago is not None:
        _gauge(
            figures,
            "billing_worker_seen_seconds_ago",
            "How long ago any worker was last seen; missing when none has left a trace.",
        ).set(backlog.workers.seen_seconds_ago)


def _gauge(registry: CollectorRegistry, name: str, explained: str, *labels: str) -> Gauge:
    return Gauge(name, explained, labels, registry=registry)
