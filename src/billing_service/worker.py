"""The jobs' way in: any number of workers share one queue; a job of a worker that died comes again."""

import asyncio
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import DatabaseRetryEntrypointExecutor, Job, PgQueuer

from billing_service.config import Settings
from billing_service.deps import Services, open_services
from billing_service.fitness import refuse_unfit
from billing_service.webhooks import dispatch, inbox

log = structlog.get_logger()

# One call to the provider takes 35 s at most; nothing a job does may outlive this, or a stopping worker would hang.
JOB_SECONDS = 60
HEARTBEAT = timedelta(seconds=30)
BATCH, CONCURRENT = 10, 20
# An idle worker does not notice a retry that falls due (pgqueuer 1.6), so it looks by itself this often.
IDLE_LOOK = timedelta(seconds=1)


def retry_for_a_day(parameters: object) -> DatabaseRetryEntrypointExecutor:
    """After 1, 2, 4 … 60 s, then every minute for a day; after that the job is kept, failed, for an operator."""
    return DatabaseRetryEntrypointExecutor(
        parameters,  # type: ignore[arg-type]
        max_attempts=24 * 60,
        initial_delay=timedelta(seconds=1),
        max_delay=timedelta(minutes=1),
    )


def register(queue: PgQueuer, services: Services) -> None:
    """Every job there is."""

    @queue.entrypoint(inbox.LOOK, executor_factory=retry_for_a_day, on_failure="hold")
    async def look(job: Job) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await dispatch.look(services, int(job.payload or b"0"))


async def run_until(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then finish what is running. Raises if the database goes away for good."""
    async with open_services(settings) as services:
        await refuse_unfit(services.db, settings)
        pool = await asyncpg.create_pool(
            settings.database_url, min_size=2, max_size=4, command_timeout=10, timeout=5
        )
        async with pool:
            queue = PgQueuer.from_asyncpg_pool(pool)
            register(queue, services)
            log.info("worker.started")
            await _run_queue(queue, stop)
            log.info("worker.stopped")


async def _run_queue(queue: PgQueuer, stop: asyncio.Event) -> None:
    running = asyncio.create_task(
        queue.run(
            dequeue_timeout=IDLE_LOOK,
            batch_size=BATCH,
            max_concurrent_tasks=CONCURRENT,
            heartbeat_timeout=HEARTBEAT,
            shutdown_on_listener_failure=True,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    queue.shutdown.set()
    await running
