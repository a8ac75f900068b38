"""Background jobs on PostgreSQL (pgqueuer): a job and the fact it follows from are committed together or not at all."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

import structlog
from pgqueuer import Job, RetryRequested
from pgqueuer.core.tm import TaskManager
from pgqueuer.executors import EntrypointExecutor
from pgqueuer.models import Context, TracebackRecord
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.db import is_unavailable

log = structlog.get_logger()

LONGEST_PAUSE = timedelta(minutes=1)
TRIES = 24 * 60


class SessionDriver:
    """pgqueuer's driver over the caller's transaction.

    The raw asyncpg connection must not be used instead: SQLAlchemy begins the transaction lazily, so an enqueue that
    comes first would be committed by itself and survive a rollback.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.shutdown = asyncio.Event()

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        rows = (await self._connection.exec_driver_sql(query, args)).mappings()
        return [dict(row) for row in rows]

    async def execute(self, query: str, *args: object) -> str:
        await self._connection.exec_driver_sql(query, args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        await self._connection.execute(text("SELECT pg_notify(:c, :p)"), {"c": channel, "p": payload})

    async def add_listener(self, channel: str, callback: Callable[[str | bytes | bytearray], None]) -> None:
        raise NotImplementedError("a transaction does not listen")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


async def enqueue(session: AsyncSession, name: str, payload: bytes, *, dedupe_key: str) -> None:
    """Enqueue a job inside the caller's transaction, unless one with this key is waiting or running."""
    queries = Queries(SessionDriver(await session.connection()))
    await queries.enqueue(name, payload, dedupe_key=dedupe_key, on_conflict="skip")


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
                raise_alarm(Alarm.JOB_GIVEN_UP, job=job.entrypoint, job_id=job.id, error=type(error).__name__)
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
