"""What is counted for the operators, in one registry; `/metrics` shows it to Prometheus.

Counters live beside what they count only where that lies below this file (alarms, HTTP requests); here they are
registered. What the database knows better than a process is in `operations/database_metrics.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from billing_service.kit import alarms
from billing_service.kit import http_metrics as measured

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
for own in (alarms.RAISED, measured.REQUESTS, measured.SECONDS):
    REGISTRY.register(own)

PAYMENTS = Counter(
    "billing_payments",
    "Payments that reached a final state, by state and purpose.",
    ["status", "purpose"],
    registry=REGISTRY,
)
REFUNDS = Counter(
    "billing_refunds",
    "Refunds that reached a final state, by state and by where they were made: api, or YooKassa's cabinet.",
    ["status", "made_by"],
    registry=REGISTRY,
)
RECEIPTS = Counter(
    "billing_receipts",
    "Receipts of payments and refunds, by the state that YooKassa says their registration has come to.",
    ["of", "registration"],
    registry=REGISTRY,
)
NOTIFICATIONS = Counter(
    "billing_notifications",
    "Notifications at the door: look (a job will ask the provider), known (our payment already says so), ignored "
    "(an event we have no use for), unreadable (one we use, about an object that we cannot name).",
    ["outcome"],
    registry=REGISTRY,
)
IGNORED_NOTIFICATIONS = Counter(
    "billing_ignored_notifications",
    "Notifications of events we have no use for, by event; what is no word, or one invented word too many, is other.",
    ["event"],
    registry=REGISTRY,
)
LOOKS = Counter(
    "billing_looks",
    "What a look at the provider, because of a notification, made of it: the status of its row.",
    ["outcome"],
    registry=REGISTRY,
)
SETTLED_SECONDS = Histogram(
    "billing_notification_settled_seconds",
    "From the first copy of a notification to the settled payment.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600),
    registry=REGISTRY,
)
YOOKASSA_SECONDS = Histogram(
    "billing_yookassa_seconds",
    "Calls to YooKassa with all their attempts, by operation and outcome.",
    ["operation", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 8, 15, 35),
    registry=REGISTRY,
)
RATE_LIMIT_HITS = Counter(
    "billing_rate_limit_hits", "Requests refused by a rate limit, by scope.", ["scope"], registry=REGISTRY
)
LIMIT_HITS = Counter(
    "billing_daily_limit_hits",
    "Operations refused by a daily limit, by plan and feature.",
    ["plan", "feature"],
    registry=REGISTRY,
)

DELIVERIES = Counter(
    "billing_event_deliveries",
    "Tries to deliver an event to the main backend, by what became of them: delivered, failed (it is tried again), "
    "gone (it said never to), dead (given up).",
    ["outcome"],
    registry=REGISTRY,
)

SHOP = Gauge(
    "billing_shop",
    "Which shop this process sells in, by YOOKASSA_MODE: 1 for that one.",
    ["mode"],
    registry=REGISTRY,
)


def show_shop(mode: str) -> None:
    SHOP.clear()
    SHOP.labels(mode).set(1)


@contextmanager
def served(port: int | None) -> Iterator[None]:
    """Show the counters of a process that has no HTTP of its own, at every path of `port`; nothing without one.

    Raises OSError when the port is taken.
    """
    if port is None:
        yield
        return
    server, thread = start_http_server(port, registry=REGISTRY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
