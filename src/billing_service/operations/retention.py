"""How long rows are kept. Every table stands here once: with the age at which its rows go, or with why they stay."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from billing_service.config import Settings
from billing_service.observability.metrics import REGISTRY
from billing_service.services import Services
from billing_service.usage import service as usage

log = structlog.get_logger()

# A bite is a transaction of its own, and short: nobody waits behind it, and a run that is interrupted loses one.
BITE = 1000
SECONDS = 40
FORGOTTEN = Counter(
    "billing_rows_forgotten",
    "Rows that were deleted because they had grown older than they are kept, by table.",
    ["table"],
    registry=REGISTRY,
)


class Rule(NamedTuple):
    """Rows of `table` that are `over` go once `at` is longer ago, by `clock`, than `keep`. Those three are SQL."""

    table: str
    at: str
    keep: Callable[[Settings], timedelta]
    over: str = "true"
    clock: str = "billing_now()"


RULES = (
    # What is still looked at is given up after a day, so that none stays for ever.
    Rule(
        "webhook_logs",
        "created_at",
        lambda settings: timedelta(days=settings.retention_webhook_logs_days),
        over="status NOT IN ('RECEIVED', 'UNMATCHED')",
    ),
    Rule("alarms", "last_at", lambda settings: timedelta(days=settings.retention_alarms_days)),
    # The newest of each user that says how his subscription stands is kept for ever: the feed alone must say it.
    Rule(
        "outbox_events",
        "occurred_at",
        lambda settings: timedelta(days=settings.events_kept_days),
        over="""feed_no IS NOT NULL AND (state IS NULL OR EXISTS (
            SELECT FROM outbox_events newer WHERE coalesce(newer.user_id, 0) = coalesce(outbox_events.user_id, 0)
                AND newer.user_seq > outbox_events.user_seq AND newer.state IS NOT NULL
        ))""",
    ),
    # Longer than a session lasts, and than anybody would send the same form again.
    Rule("staff_sessions", "seen_at", lambda _: timedelta(days=1)),
    Rule("staff_acts", "begun_at", lambda _: timedelta(days=7)),
    Rule("renewal_hours", "hour", lambda settings: timedelta(days=settings.events_kept_days)),
    Rule("usage_operations", "changed_at", lambda _: usage.REMEMBER_OPERATIONS),
    *(Rule(table, "date", lambda _: usage.REMEMBER_DAYS) for table in ("daily_usage", "daily_feature_usage")),
    # The job library's own, by its own clock. Of its log only failures are written (migration 0018), and no statistics
    # (`worker`); what an earlier release left there goes too.
    *(
        Rule(
            table,
            "created",
            lambda settings: timedelta(days=settings.retention_job_log_days),
            clock="now()",
        )
        for table in ("pgqueuer_log", "pgqueuer_statistics")
    ),
)
KEPT: Mapping[str, str] = {
    "daily_audits": "one row a day, evidence",
    "daily_audit_sides": "two rows a day that is being audited",
    "charging_stops": "four rows at most",
    "renewal_notices": "what a payer was told before he was charged: evidence",
    **dict.fromkeys(("payments", "refunds", "subscription_periods", "grants"), "money, and the days given"),
    **dict.fromkeys(("grant_batches", "grant_batch_members"), "who was given days together, and by whom"),
    **dict.fromkeys(("user_moves", "user_move_cuts"), "who became whom, and what became of the days"),
    "refund_requests": "what a payer asked for, and what he was answered",
    "access_changes": "two rows a period at most, made of it",
    "npd_registrations": "what the tax office was told",
    **dict.fromkeys(("consents", "payment_method_refusals"), "what a user agreed to and refused: evidence"),
    **dict.fromkeys(("payment_methods", "card_bindings"), "what was kept, and what was charged names it"),
    "receipt_contacts": "where a user's receipts go, until he has it erased",
    **dict.fromkeys(("shops_unable_to_save", "shop_fiscalization"), "one row a shop"),
    "subscriptions": "one row a user, the lock of his money",
    **dict.fromkeys(("legacy_imports", "legacy_access"), "what came from the old tables: evidence"),
    "legacy_differences": "those of the newest import: evidence",
    "audit_log": "what people did by hand",
    "staff_accounts": "one row a person, whom the audit log names",
    "subscription_plans": "what was ever sold",
    "list_walks": "one row a list and shop",
    "event_streams": "one row a user of whom something was ever told",
    "event_replays": "a replay goes when it is done",
    **dict.fromkeys(
        ("usage_timezone", "shop_in_force", "schema_compatibility", "alembic_version", "event_feed"),
        "one row",
    ),
    "worker_heartbeats": "one row a worker; `heartbeats` clears away the dead",
    "pgqueuer": "a job goes when it is done",
    "pgqueuer_schedules": "one row a schedule",
}
# By their place in the table: a bite costs the same however large the table is. What somebody changes meanwhile stays.
FORGET = """
    WITH gone AS (
        DELETE FROM {table} WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM {table} WHERE {at} < {clock} - $1::interval AND {over}
            ORDER BY {at} LIMIT $2 FOR UPDATE SKIP LOCKED
        ))
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""


async def forget_old(services: Services, stopping: asyncio.Event) -> Mapping[str, int]:
    """Delete what is older than it is kept, a bite of each table in turn, until nothing is left.

    Ends before if `stopping` is set or its time is up; the next run goes on. Answers how many rows of which table. Safe
    to repeat, to interrupt and to run twice at once.
    """
    ends_at = time.monotonic() + SECONDS
    forgotten = dict.fromkeys((rule.table for rule in RULES), 0)
    left = list(RULES)
    while left and not stopping.is_set() and time.monotonic() < ends_at:
        left = [rule for rule in left if await _bite(services, rule, forgotten) == BITE]
    if any(forgotten.values()):
        log.info("retention.forgot", **forgotten)
    return forgotten


async def _bite(services: Services, rule: Rule, forgotten: dict[str, int]) -> int:
    statement = FORGET.format(**rule._asdict())
    row = await services.statements.fetch_one(statement, rule.keep(services.settings), BITE)
    count: int = row["count"]
    forgotten[rule.table] += count
    FORGOTTEN.labels(rule.table).inc(count)
    return count
