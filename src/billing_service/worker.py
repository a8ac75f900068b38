"""The jobs' way in: any number of workers share one queue; a job of a worker that died comes again."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import structlog
from pgqueuer import Job, PgQueuer, RetryRequested

from billing_service.alarms import service as alarms
from billing_service.charging import service as charging
from billing_service.config import Settings
from billing_service.events.delivery import delivering
from billing_service.heartbeats import service as heartbeats
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.db import is_denied, is_unavailable
from billing_service.kit.garbage import collect_seldom
from billing_service.kit.grace import run_with_grace
from billing_service.kit.hearing import HearingDriver
from billing_service.kit.jobs import PatientQueries, RetriedForADay
from billing_service.kit.servers import opened_pool
from billing_service.observability.metrics import show_shop
from billing_service.operations import clock_watch
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.returned import look_at_refund
from billing_service.provider_calls.asking import ask
from billing_service.provider_calls.kinds import Kind
from billing_service.provider_calls.walking import walk_to_now
from billing_service.receipts import registration, shop
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.giving_back import Unwanted, send_back
from billing_service.refunds.jobs import GIVE_BACK
from billing_service.refunds.jobs import LOOK as LOOK_AT_REFUND
from billing_service.renewals import looking
from billing_service.schema.compatibility import refuse_unfit
from billing_service.services import Services, open_services
from billing_service.timetable import JOB_SECONDS, RUN_SCHEDULE, SCHEDULES, register_schedules
from billing_service.webhooks import dispatch
from billing_service.webhooks.jobs import LOOK

log = structlog.get_logger()

# A job that has just begun, and its result written down.
GRACE_SECONDS = JOB_SECONDS + 10
HEARTBEAT = timedelta(seconds=30)
# To ask the queue for more takes as long as half a settlement: the more it brings at once, the better. Each look has a
# connection to YooKassa of its own.
BATCH, CONCURRENT = 40, 80
# So many places the questions about open payments may take: however slow YooKassa is, the others stay free for looks,
# behind each of which somebody waits who has paid. (The library counts over all workers.)
QUESTIONS_AT_ONCE = 10
# An idle worker does not notice a retry that falls due (pgqueuer 1.6), so it looks by itself this often.
IDLE_LOOK = timedelta(seconds=1)
AFTER_AN_OUTAGE_SECONDS, AFTER_A_FAILURE_SECONDS = 1, 5
KINDS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS, BINDINGS)
WITH_RECEIPTS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS)


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
        collect_seldom()
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
