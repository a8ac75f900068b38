"""What the database knows, asked when Prometheus asks: one statement a figure, and never a long wait."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Gauge

from billing_service.heartbeats.service import Presence
from billing_service.kit.db import is_unavailable
from billing_service.operations.backlog import ASKED_ABOUT, WALKED, Audited, Backlog, get_backlog
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
        _show_open(figures, backlog)
        _show_waiting(figures, backlog)
        _show_events(figures, backlog)
        _show_lists(figures, backlog, since_start=time.monotonic() - services.started)
        _show_receipts(figures, backlog)
        _show_audit(figures, backlog.audited)
        _show_workers(figures, backlog.workers)
    _show(figures, "billing_database_figures", "Whether the database could be asked: 1 or 0.", complete)
    return figures


def _show_open(figures: CollectorRegistry, backlog: Backlog) -> None:
    for of in ASKED_ABOUT:
        _show_by(
            figures,
            f"billing_open_{of}",
            f"{of.capitalize()} that are not final, by age; in doubt means that YooKassa may have it or not.",
            ("age", "in_doubt"),
            {(one.age, str(one.in_doubt).lower()): one.count for one in backlog.open if one.of == of},
        )


def _show_waiting(figures: CollectorRegistry, backlog: Backlog) -> None:
    _show(
        figures,
        "billing_oldest_open_notification_seconds",
        "Age of the oldest notification that is still being looked at; 0 without one.",
        backlog.oldest_notification,
    )
    _show_by(
        figures,
        "billing_unsettled_notifications",
        "Notifications that have led to nothing, by status and age; GIVEN_UP waits for a person.",
        ("status", "age"),
        {(one.status, one.age): one.count for one in backlog.unsettled_notifications},
    )
    _show(
        figures,
        "billing_overdue_refund_requests",
        "Payers who ask for their money and should have been answered by now.",
        backlog.overdue_requests,
    )
    _show_by(
        figures,
        "billing_queue_jobs",
        "Jobs by state: queued (due), waiting (due later), picked (running), failed (given up).",
        ("entrypoint", "status"),
        {(one.entrypoint, one.status): one.count for one in backlog.jobs},
    )


def _show_events(figures: CollectorRegistry, backlog: Backlog) -> None:
    _show(
        figures,
        "billing_undelivered_events",
        "Events that the main backend has not been brought yet.",
        backlog.events.count,
    )
    _show(
        figures,
        "billing_event_tried_for_seconds",
        "For how long one event has been tried in vain, the longest; 0 while everything arrives.",
        backlog.events.tried_for,
    )


def _show_lists(figures: CollectorRegistry, backlog: Backlog, *, since_start: float) -> None:
    ages = dict.fromkeys(WALKED, since_start) | dict(backlog.lists_compared)
    _show_by(
        figures,
        "billing_list_compared_seconds_ago",
        "How long ago YooKassa's list was last compared with our rows up to that moment, or this process began.",
        ("list",),
        {(name,): age for name, age in ages.items()},
    )


def _show_receipts(figures: CollectorRegistry, backlog: Backlog) -> None:
    _show_by(
        figures,
        "billing_unregistered_receipts",
        "Receipts of money that moved which are not registered: pending, or canceled (a person must see to those).",
        ("of", "registration"),
        {(one.table, one.registration): one.count for one in backlog.receipts},
    )


def _show_audit(figures: CollectorRegistry, audited: Audited | None) -> None:
    if audited is None:
        return
    name = "billing_daily_audit"
    _show(figures, f"{name}_seconds_ago", "How long ago the newest daily audit ended.", audited.seconds_ago)
    _show(figures, f"{name}_took_seconds", "How long it took.", audited.took_seconds)
    _show(
        figures,
        f"{name}_broken_rules",
        "How many rules it found broken; 0 when all is well.",
        audited.broken_rules,
    )


def _show_workers(figures: CollectorRegistry, workers: Presence) -> None:
    _show(figures, "billing_workers_alive", "Workers that were seen in the last half minute.", workers.alive)
    if workers.seen_seconds_ago is not None:
        _show(
            figures,
            "billing_worker_seen_seconds_ago",
            "How long ago any worker was last seen; missing when none has left a trace.",
            workers.seen_seconds_ago,
        )


def _show(figures: CollectorRegistry, name: str, explained: str, value: float) -> None:
    Gauge(name, explained, registry=figures).set(value)


def _show_by(
    figures: CollectorRegistry,
    name: str,
    explained: str,
    labels: Sequence[str],
    values: Mapping[tuple[str, ...], float],
) -> None:
    gauge = Gauge(name, explained, labels, registry=figures)
    for of, value in values.items():
        gauge.labels(*of).set(value)
