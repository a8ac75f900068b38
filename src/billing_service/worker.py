"""The jobs' way in: any number of workers share one queue; a job of a worker that died comes again."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from pgqueuer import AsyncpgPoolDriver, Job, PgQueuer
from pgqueuer.models import Schedule

from billing_service.config import Settings
from billing_service.kit.db import is_unavailable
from billing_service.kit.jobs import PatientQueries, RetriedForADay
from billing_service.operations import invariants
from billing_service.payments import reconcile, sweep
from billing_service.schema.compatibility import refuse_unfit
from billing_service.usage import service as usage
from billing_service.web.dependencies import Services, open_services
from billing_service.webhooks import dispatch, inbox

log = structlog.get_logger()

# One call to the provider takes 35 s at most; nothing a job does may outlive this, or a stopping worker would hang.
JOB_SECONDS = 60
HEARTBEAT = timedelta(seconds=30)
BATCH, CONCURRENT = 10, 20
# An idle worker does not notice a retry that falls due (pgqueuer 1.6), so it looks by itself this often.
IDLE_LOOK = timedelta(seconds=1)
AFTER_AN_OUTAGE_SECONDS = 1


def register_jobs(queue: PgQueuer, services: Services) -> None:
    """What follows from a fact, enqueued in its transaction."""

    @queue.entrypoint(inbox.LOOK, executor_factory=RetriedForADay, on_failure="hold")
    async def look(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await dispatch.look(services, int(job.payload or b"0"))

    @queue.entrypoint(reconcile.ASK)
    async def ask(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await reconcile.ask(services, UUID((job.payload or b"").decode()))

    @queue.entrypoint(sweep.WALK)
    async def walk(_job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            while not (await sweep.walk(services) or queue.shutdown.is_set()):
                pass


def register_schedules(queue: PgQueuer, services: Services) -> None:
    """What comes round by the clock (UTC), in one worker at a time."""

    @queue.schedule("payments.ask_due", "* * * * * */10")
    async def ask_due(_schedule: Schedule) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await reconcile.enqueue_due(services)

    @queue.schedule("payments.walk_lists", "*/5 * * * *")
    async def walk_lists(_schedule: Schedule) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await sweep.enqueue_walk(services)

    @queue.schedule("webhooks.close_settled", "* * * * *")
    async def close_settled(_schedule: Schedule) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await dispatch.close_settled(services)

    @queue.schedule("usage.clean_up", "17 * * * *")
    async def clean_up(_schedule: Schedule) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await usage.clean_up(services)

    @queue.schedule("invariants.watch", "41 * * * *")
    async def watch(_schedule: Schedule) -> None:
        await invariants.watch(services.db, queue.shutdown)


async def run_until(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then finish what is running.

    A database that goes away meanwhile is waited for. Raises `UnfitDatabase`, or the driver's own error if the
    database cannot be reached at the start.
    """
    async with open_services(settings) as services:
        await refuse_unfit(services.db, settings)
        log.info("worker.started")
        while not stop.is_set():
            try:
                await _work(services, stop)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("worker.interrupted", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AFTER_AN_OUTAGE_SECONDS)
        log.info("worker.stopped")


async def _work(services: Services, stop: asyncio.Event) -> None:
    async with asyncpg.create_pool(
        services.settings.database_url, min_size=2, max_size=4, command_timeout=10, timeout=5
    ) as pool:
        await _run_queue(queue_on(pool, services), stop)


def queue_on(pool: asyncpg.Pool, services: Services) -> PgQueuer:
    """The queue, with every job registered."""
    driver = AsyncpgPoolDriver(pool)
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
