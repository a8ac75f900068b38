"""Background jobs on PostgreSQL (pgqueuer): a job and the fact it follows from are committed together or not at all."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import IntEnum

import structlog
from asyncpg.exceptions import UniqueViolationError
from pgqueuer import AsyncpgDriver, Job, RetryRequested
from pgqueuer.executors import EntrypointExecutor
from pgqueuer.models import Context, TracebackRecord
from pgqueuer.ports import tracing
from pgqueuer.queries import Queries
from pgqueuer.types import JobId

from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.clock import AGREE_WITHIN, Strays
from billing_service.kit.db import is_unavailable
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of

log = structlog.get_logger()

LONGEST_PAUSE = timedelta(minutes=1)
TRIES = 24 * 60


class Priority(IntEnum):
    """Who is served first when there are more jobs than hands."""

    SOMEBODY_WAITS = 10
    ROUTINE = 0


async def enqueue(
    tx: Transaction, name: str, payload: bytes, *, dedupe_key: str, priority: Priority = Priority.ROUTINE
) -> None:
    """Enqueue a job inside the caller's transaction, unless one with this key is waiting or running."""
    await enqueue_all(tx, name, {dedupe_key: payload}, priority=priority)


async def enqueue_all(
    tx: Transaction, name: str, payloads: Mapping[str, bytes], *, priority: Priority = Priority.ROUTINE
) -> None:
    """The same for several, by their dedupe keys, in one round trip."""
    queue = Queries(AsyncpgDriver(tx.connection))
    await queue.enqueue(
        [name] * len(payloads),
        list(payloads.values()),
        [int(priority)] * len(payloads),
        dedupe_key=list(payloads),
        on_conflict="skip",
    )


class AlreadyQueued(Exception):
    """Another job of the same key waits or runs."""


async def run_again(tx: Transaction, job_id: int) -> bool:
    """A job that was given up has another day of tries. False if it was not, or runs again already. Raises
    `AlreadyQueued`; then the transaction is lost."""
    given_up = "SELECT id FROM pgqueuer WHERE id = $1 AND status = 'failed' FOR UPDATE"
    if await tx.value(given_up, job_id) is None:
        return False
    try:
        await Queries(AsyncpgDriver(tx.connection)).requeue_jobs([JobId(job_id)])
    except UniqueViolationError:
        raise AlreadyQueued from None
    return True


def headers_of(name: str) -> str | None:
    """What the library writes beside a job that is enqueued now: the trace that it goes on, while traces are kept."""
    tracer = tracing.TRACER.tracer
    published = [*tracer.trace_publish([name])] if tracer else [{}]
    return json_of(published[0]).decode() if published[0] else None


def queued_by(
    source: str, *, name: str, payload: str, dedupe_key: str, headers: str, priority: Priority
) -> str:
    """What `enqueue` does, as a part of somebody's own statement: a common table expression behind `source`, which it
    reads. `payload` (text) and `dedupe_key` are SQL over its columns, `headers` names the value of `headers_of`.

    For the one path that takes in what may pour in: there each round trip counts. The row is the library's own; its log
    keeps only failures (`operations/retention`).
    """
    return f"""
        queued AS (
            INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, headers, status)
            SELECT {int(priority)}, '{name}', convert_to({payload}, 'UTF8'), now(), {dedupe_key}, {headers}::jsonb,
                'queued'
            FROM {source}
            ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
        )
    """  # noqa: S608 (our own words)


class RetriedForADay(EntrypointExecutor):
    """A job that fails is tried again after 1, 2, 4 … 60 s, then each minute for a day; then it is left, with an alarm.

    (The library's own executor doubles its pause without end and gives up when the number no longer fits, after 47
    tries, which is three quarters of an hour.)
    """

    async def execute(self, job: Job, context: Context) -> None:
        try:
            await super().execute(job, context)
        except Exception as error:
            if job.attempts >= TRIES:
                raise_alarm(
                    Alarm.JOB_GIVEN_UP,
                    job=job.entrypoint,
                    job_id=job.id,
                    about=(job.payload or b"").decode(errors="replace"),
                    error=type(error).__name__,
                )
                raise
            raise RetryRequested(delay=_pause_after(job.attempts), reason=str(error)) from error


def _pause_after(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts, 6)), LONGEST_PAUSE)


class PatientQueries(Queries):
    """A retry that cannot be written down leaves the job as it is: its heartbeat grows old, and it comes again.

    (The library would put the job aside as failed for good, because the database was away for a moment.)
    """

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        try:
            await super().retry_job(job, delay, traceback_record)
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("job.retry_not_written", job_id=job.id, error=type(error).__name__)


# The library asks whether these lie in the past. By its own clock, which is not `billing_now()`.
STRAY_JOBS = """
    WITH stray AS (
        SELECT id, greatest(execute_after - $1::interval, heartbeat) - now() AS ahead FROM pgqueuer
        WHERE greatest(execute_after - $1::interval, heartbeat) > now() + $2::interval FOR UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE pgqueuer job SET execute_after = least(execute_after, now()), heartbeat = least(heartbeat, now())
        FROM stray WHERE job.id = stray.id
    )
    SELECT count(*) AS found, max(ahead) AS ahead FROM stray
"""
STRAY_SCHEDULES = """
    WITH stray AS (
        SELECT id, greatest(next_run - wait, heartbeat) - now() AS ahead
        FROM pgqueuer_schedules JOIN unnest($1::text[], $2::interval[]) AS known (entrypoint, wait) USING (entrypoint)
        WHERE greatest(next_run - wait, heartbeat) > now() + $3::interval FOR UPDATE OF pgqueuer_schedules SKIP LOCKED
    ), moved AS (
        UPDATE pgqueuer_schedules schedule
        SET next_run = least(next_run, now()), heartbeat = least(heartbeat, now())
        FROM stray WHERE schedule.id = stray.id
    )
    SELECT count(*) AS found, max(ahead) AS ahead FROM stray
"""
# The library computes both from one reading of the clock.
EXACTLY = timedelta(seconds=5)


async def bring_back(tx: Transaction, waits: Mapping[str, timedelta]) -> Sequence[Strays]:
    """Jobs and schedules that sleep for longer than they can have been told to: wake them. `waits` says how long each
    schedule may sleep now. Safe to repeat at any time."""
    jobs = await tx.row(STRAY_JOBS, LONGEST_PAUSE, AGREE_WITHIN)
    schedules = await tx.row(STRAY_SCHEDULES, list(waits), list(waits.values()), EXACTLY)
    return [Strays(**row) for row in (jobs, schedules) if row]
