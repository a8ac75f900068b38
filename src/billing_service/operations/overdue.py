"""What has waited too long: where the doctor draws the line, and the alerts too (docs/alerts.yml)."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.operations.backlog import WALKED, Backlog, get_backlog, get_selling_for

NOTIFICATION_WAITS = timedelta(minutes=15)
LIST_IS_OLD = timedelta(hours=1)
EVENT_WAITS = timedelta(hours=1)
# What is examined -> the heading of docs/operations.md that says what to do when it is not so.
RUNBOOK: Mapping[str, str] = {
    "a worker runs": "no-api-or-no-worker",
    "no notification waits": "notifications-wait",
    "YooKassa's list of payments is compared": "lists-are-not-compared",
    "YooKassa's list of refunds is compared": "lists-are-not-compared",
    "no job was given up": "job_given_up",
    "no notification was given up": "given-up-notifications",
    "nothing stays in doubt": "payments-stay-in-doubt",
    "no charge was left in another shop": "which-shop-is-in-force",
    "every refund request is answered in time": "refund_request_overdue",
    "the main backend takes its events": "events-are-not-delivered",
}
LONG_IN_DOUBT = frozenset({"1h-1d", "1d+"})


async def find_overdue(session: AsyncSession, shop_id: str) -> Mapping[str, str | None]:
    """What ought to be so, and what is wrong with it; None when all is well."""
    backlog = await get_backlog(session, shop_id)
    compared = await _since_compared(session, shop_id, backlog)
    waits = backlog.oldest_notification
    return {
        "a worker runs": _no_worker(backlog),
        "no notification waits": _late(waits, NOTIFICATION_WAITS, "the oldest has waited {}"),
        **{
            f"YooKassa's list of {name} is compared": _late(ago, LIST_IS_OLD, "not in the last {}")
            for name, ago in compared.items()
        },
        "no job was given up": _given_up(backlog),
        "no notification was given up": _given_up_notifications(backlog),
        "nothing stays in doubt": _in_doubt(backlog),
        "no charge was left in another shop": _left(backlog.left_in_another_shop),
        "every refund request is answered in time": _unanswered(backlog.overdue_requests),
        "the main backend takes its events": _late(
            backlog.events.tried_for, EVENT_WAITS, "one was tried in vain for {}"
        ),
    }


def _no_worker(backlog: Backlog) -> str | None:
    if backlog.workers.alive:
        return None
    seen = backlog.workers.seen_seconds_ago
    return "none has left a trace" if seen is None else f"none: the last one was seen {_lasting(seen)} ago"


async def _since_compared(session: AsyncSession, shop_id: str, backlog: Backlog) -> Mapping[str, float]:
    """For how many seconds each list was not compared; one that never was, since there is something to compare."""
    ages = dict(backlog.lists_compared)
    if never := set(WALKED) - ages.keys():
        ages |= dict.fromkeys(never, await get_selling_for(session, shop_id))
    return {name: ages[name] for name in WALKED}


def _late(seconds: float, bound: timedelta, words: str) -> str | None:
    return words.format(_lasting(seconds)) if seconds > bound.total_seconds() else None


def _given_up(backlog: Backlog) -> str | None:
    failed = [f"{job.count} of {job.entrypoint}" for job in backlog.jobs if job.status == "failed"]
    return ", ".join(failed) or None


def _given_up_notifications(backlog: Backlog) -> str | None:
    count = sum(alike.count for alike in backlog.unsettled_notifications if alike.status == "GIVEN_UP")
    return f"{count} led to nothing for a day: billing-service webhooks replay, or close" if count else None


def _left(charges: int) -> str | None:
    return f"{charges} may have been paid there: billing-service payments resolve" if charges else None


def _unanswered(overdue: int) -> str | None:
    return f"{overdue} should have been by now: billing-service refund-requests list" if overdue else None


def _in_doubt(backlog: Backlog) -> str | None:
    counts: Counter[str] = Counter()
    for some in backlog.open:
        if some.in_doubt and some.age in LONG_IN_DOUBT:
            counts[some.of] += some.count
    named = ", ".join(f"{of}: {count}" for of, count in counts.items())
    return f"{named}, for more than an hour" if named else None


def _lasting(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
