"""What comes round by the clock: every story that nobody's call begins, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import uuid4

from pgqueuer import PgQueuer
from pgqueuer.models import Schedule

from billing_service.kit.jobs import enqueue
from billing_service.kit.transaction import Transaction
from billing_service.npd import service as npd
from billing_service.operations import canary, clock_watch, daily_audit, invariants, retention, weekly_digest
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.provider_calls.walking import enqueue_walk
from billing_service.receipts import registration, shop
from billing_service.refund_requests import service as refund_requests
from billing_service.refunds.calls import REFUNDS
from billing_service.renewals import looking
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.webhooks import dispatch

# One call to the provider takes 35 s at most; nothing a job does may outlive this, or a stopping worker would hang.
JOB_SECONDS = 60
# One step: a part of a list, which is read for less than half of that, or the rules and the report.
AUDIT_SECONDS = 50
RUN_SCHEDULE = "schedule.run"


class Scheduled(NamedTuple):
    """What comes round by the clock (UTC), in one worker at a time; `run` is told when the worker stops."""

    cron: str
    run: Callable[[Services, asyncio.Event], Awaitable[None]]


def _bounded(
    story: Callable[[Services], Awaitable[object]],
) -> Callable[[Services, asyncio.Event], Awaitable[None]]:
    async def run(services: Services, _stopping: asyncio.Event) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await story(services)

    return run


async def _watch_invariants(services: Services, stopping: asyncio.Event) -> None:
    await invariants.watch(services.db, stopping)


async def _audit_due(services: Services, stopping: asyncio.Event) -> None:
    is_more = True
    while is_more and not stopping.is_set():
        async with asyncio.timeout(AUDIT_SECONDS):
            is_more = await daily_audit.audit_due(services)


async def _forget_old(services: Services, stopping: asyncio.Event) -> None:
    async with asyncio.timeout(JOB_SECONDS):
        await retention.forget_old(services, stopping)


SCHEDULES = {
    "payments.ask_due": Scheduled(
        "* * * * * */10", _bounded(lambda services: enqueue_due(services, PAYMENTS))
    ),
    "refunds.ask_due": Scheduled("* * * * * */10", _bounded(lambda services: enqueue_due(services, REFUNDS))),
    "bindings.ask_due": Scheduled(
        "* * * * * */10", _bounded(lambda services: enqueue_due(services, BINDINGS))
    ),
    "payments.walk_lists": Scheduled(
        "*/5 * * * *", _bounded(lambda services: enqueue_walk(services, PAYMENTS))
    ),
    "refunds.walk_lists": Scheduled(
        "*/5 * * * *", _bounded(lambda services: enqueue_walk(services, REFUNDS))
    ),
    "payments.ask_receipts": Scheduled(
        "* * * * * */30", _bounded(lambda services: registration.enqueue_due(services, PAYMENTS))
    ),
    "refunds.ask_receipts": Scheduled(
        "* * * * * */30", _bounded(lambda services: registration.enqueue_due(services, REFUNDS))
    ),
    "receipts.ask_shop": Scheduled("* * * * * */20", _bounded(shop.ask_when_due)),
    "renewals.look_at_due": Scheduled("* * * * * */10", _bounded(looking.enqueue_due)),
    "subscriptions.tell_ends": Scheduled("* * * * * */10", _bounded(subscriptions.tell_ends)),
    "webhooks.close_settled": Scheduled("* * * * *", _bounded(dispatch.close_settled)),
    "webhooks.give_up_overdue": Scheduled("* * * * *", _bounded(dispatch.give_up_overdue)),
    "retention.forget_old": Scheduled("17 * * * *", _forget_old),
    "clock.give_back": Scheduled("23 * * * *", _bounded(clock_watch.give_back_lost_time)),
    "npd.watch": Scheduled("29 * * * *", _bounded(npd.watch)),
    "refund_requests.watch": Scheduled("*/5 * * * *", _bounded(refund_requests.watch)),
    "events.tell_week": Scheduled("7 * * * *", _bounded(weekly_digest.tell)),
    # The day is over in Moscow, and what was paid in its last minutes is settled.
    "daily_audit.audit_due": Scheduled("11 * * * *", _audit_due),
    "canary.ask": Scheduled("* * * * *", _bounded(canary.ask)),
    "invariants.watch": Scheduled("41 * * * *", _watch_invariants),
}


def register_schedules(queue: PgQueuer, services: Services) -> None:
    for name, scheduled in SCHEDULES.items():
        queue.schedule(name, scheduled.cron)(_on_time(scheduled, services, queue.shutdown))


def _on_time(
    scheduled: Scheduled, services: Services, stopping: asyncio.Event
) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_schedule: Schedule) -> None:
        await scheduled.run(services, stopping)

    return run


async def enqueue_schedules(tx: Transaction) -> None:
    """Let some worker run each schedule once, now, beside its own time: whoever has turned the clock does not wait.

    Each call counts: a run that has begun may have looked at the clock before it was turned.
    """
    for name in SCHEDULES:
        await enqueue(tx, RUN_SCHEDULE, name.encode(), dedupe_key=f"{RUN_SCHEDULE}:{name}:{uuid4()}")
