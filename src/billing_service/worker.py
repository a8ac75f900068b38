"""The jobs' way in: any number of workers share one queue; a job of a worker that died comes again."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import structlog
from pgqueuer import Job, PgQueuer, RetryRequested
from pgqueuer.models import Schedule

from billing_service.alarms import service as alarms
from billing_service.charging import service as charging
from billing_service.config import Settings
from billing_service.events.delivery import delivering
from billing_service.heartbeats import service as heartbeats
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.db import is_denied, is_unavailable
from billing_service.kit.grace import run_with_grace
from billing_service.kit.hearing import HearingDriver
from billing_service.kit.jobs import PatientQueries, RetriedForADay, enqueue
from billing_service.kit.servers import opened_pool
from billing_service.kit.transaction import Transaction
from billing_service.npd import service as npd
from billing_service.observability.metrics import show_shop
from billing_service.operations import canary, clock_watch, daily_audit, invariants, retention, weekly_digest
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.returned import look_at_refund
from billing_service.provider_calls.asking import ask, enqueue_due
from billing_service.provider_calls.kinds import Kind
from billing_service.provider_calls.walking import enqueue_walk, walk_to_now
from billing_service.receipts import registration, shop
from billing_service.refund_requests import service as refund_requests
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.giving_back import Unwanted, send_back
from billing_service.refunds.jobs import GIVE_BACK
from billing_service.refunds.jobs import LOOK as LOOK_AT_REFUND
from billing_service.renewals import looking
from billing_service.schema.compatibility import refuse_unfit
from billing_service.services import Services, open_services
from billing_service.subscriptions import service as subscriptions
from billing_service.webhooks import dispatch
from billing_service.webhooks.jobs import LOOK

log = structlog.get_logger()

# One call to the provider takes 35 s at most; nothing a job does may outlive this, or a stopping worker would hang.
JOB_SECONDS = 60
# One step: a part of a list, which is read for less than half of that, or the rules and the report.
AUDIT_SECONDS = 50
# A job that has just begun, and its result written down.
GRACE_SECONDS = JOB_SECONDS + 10
HEARTBEAT = timedelta(seconds=30)
BATCH, CONCURRENT = 10, 20
# So many places the questions about open payments may take: however slow YooKassa is, the others stay free for looks,
# behind each of which somebody waits who has paid. (The library counts over all workers.)
QUESTIONS_AT_ONCE = CONCURRENT // 2
# An idle worker does not notice a retry that falls due (pgqueuer 1.6), so it looks by itself this often.
IDLE_LOOK = timedelta(seconds=1)
AFTER_AN_OUTAGE_SECONDS, AFTER_A_FAILURE_SECONDS = 1, 5
RUN_SCHEDULE = "schedule.run"
KINDS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS, BINDINGS)
WITH_RECEIPTS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS)


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


def register_jobs(queue: PgQueuer, services: Services) -> None:
    """What follows from a fact, enqueued in its transaction."""

    @queue.entrypoint(LOOK, executor_factory=RetriedForADay)
    async def look(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await dispatch.look(services, int(job.payload or b"0"))

    for kind in KINDS:
        _register_questions(queue, services, kind)
    for kind in WITH_RECEIPTS:
        _register_receipts(queue, services, kind)

    @queue.entrypoint(LOOK_AT_REFUND, executor_factory=RetriedForADay, on_failure="hold")
    async def look_at(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await look_at_refund(services, (job.payload or b"").decode())

    @queue.entrypoint(GIVE_BACK, executor_factory=RetriedForADay)
    async def give_back(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await send_back(services, Unwanted.of_job(job.payload or b""))

    # Over all workers: so many calls at most are on their way to the provider for renewals.
    @queue.entrypoint(looking.LOOK, concurrency_limit=services.settings.renewals_in_flight)
    async def look_at_renewal(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await looking.look(services, int(job.payload or b"0"))

    @queue.entrypoint(RUN_SCHEDULE)
    async def run_schedule(job: Job) -> None:
        await SCHEDULES[(job.payload or b"").decode()].run(services, queue.shutdown)


def _register_questions(queue: PgQueuer, services: Services, kind: Kind[Any, Any]) -> None:
    """What is asked of the provider without anybody's telling: about what is open, and by walking its list."""

    @queue.entrypoint(kind.ask_job, concurrency_limit=QUESTIONS_AT_ONCE)
    async def ask_about(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await ask(services, kind, UUID((job.payload or b"").decode()))

    @queue.entrypoint(kind.walk_job)
    async def walk(_job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            came_to_now = await walk_to_now(services, kind, queue.shutdown)
        if not (came_to_now or queue.shutdown.is_set()):
            raise RetryRequested(delay=timedelta(0), reason="there is more to walk")


def _register_receipts(queue: PgQueuer, services: Services, kind: Kind[Any, Any]) -> None:
    @queue.entrypoint(registration.job_of(kind), concurrency_limit=QUESTIONS_AT_ONCE)
    async def ask_about_receipt(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await registration.ask(services, kind, UUID((job.payload or b"").decode()))


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


async def run_until(settings: Settings, stop: asyncio.Event, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """Work until `stop` is set, then finish what is running, within `grace_seconds`.

    Whatever happens meanwhile to the database or in the job library is waited for. Raises `UnfitDatabase`,
    `UnsafeSettings` for a shop whose receipts nobody has described, or the driver's own error if the database cannot be
    reached at the start.
    """
    if await run_with_grace(_run(settings, stop), stop, grace_seconds=grace_seconds):
        log.info("worker.stopped")
    else:
        log.warning("worker.abandoned", after_seconds=grace_seconds)


async def _run(settings: Settings, stop: asyncio.Event) -> None:
    async with open_services(settings) as services:
        session = await refuse_unfit(services.db, settings)
        await shop.refuse_unready(services)
        await charging.follow_setting(services)
        worker_id = uuid4()
        log.info(
            "worker.started",
            worker_id=worker_id,
            mode=settings.yookassa_mode,
            shop_id=settings.shop_id,
            session=session,
        )
        show_shop(settings.yookassa_mode)
        gc.freeze()  # what is there by now stays for good, as in `app`
        while not stop.is_set():
            try:
                await _work(services, stop, worker_id)
            except Exception as error:  # noqa: BLE001 (nobody else would work off the jobs)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _pause_after(error))


def _pause_after(error: Exception) -> float:
    """Say what interrupted us, to a person if it may not pass by itself; answers the seconds until the next try."""
    name = type(error).__name__
    if is_unavailable(error) and not is_denied(error):
        log.warning("worker.interrupted", error=name)
        return AFTER_AN_OUTAGE_SECONDS
    raise_alarm(Alarm.WORKER_INTERRUPTED, error=name)
    log.error("worker.failed", exc_info=error)
    return AFTER_A_FAILURE_SECONDS


async def _work(services: Services, stop: asyncio.Event, worker_id: UUID) -> None:
    async with (
        opened_pool(services.settings.direct_url, min_size=2, max_size=4) as pool,
        heartbeats.beating(services.db, worker_id),
        delivering(services),
        alarms.telling(services),
    ):
        queue = queue_on(pool, services)
        async with clock_watch.watching(services, partial(_sleeps, queue)):
            await _run_queue(queue, stop)


def _sleeps(queue: PgQueuer) -> Mapping[str, timedelta]:
    """How long each schedule sleeps until its next time."""
    return {str(known.entrypoint): schedule.next_in() for known, schedule in queue.sm.registry.items()}


def queue_on(pool: asyncpg.Pool, services: Services) -> PgQueuer:
    """The queue, with every job registered."""
    driver = HearingDriver(pool)
    queue = PgQueuer(driver, queries=PatientQueries(driver))
    register_jobs(queue, services)
    register_schedules(queue, services)
    return queue


async def _run_queue(queue: PgQueuer, stop: asyncio.Event) -> None:
    running = asyncio.create_task(
        queue.run(
            dequeue_timeout=IDLE_LOOK,
            batch_size=BATCH,
            max_concurrent_tasks=CONCURRENT,
            heartbeat_timeout=HEARTBEAT,
            # Nobody reads the library's statistics.
            log_aggregation_interval=timedelta(0),
            # A worker that does not hear of new jobs still finds them by looking. (The library's first hearing test
            # may be over before it listens, in about one start of six.)
            shutdown_on_listener_failure=False,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    queue.shutdown.set()
    await running
