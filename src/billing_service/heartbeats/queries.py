"""The SQL of heartbeats."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.heartbeats.models import WorkerHeartbeat

CLOCK = func.clock_timestamp()
SILENT_FOR = text("""
    SELECT extract(epoch FROM clock_timestamp() - seen_at)::float8 FROM worker_heartbeats
    WHERE CAST(:host AS text) IS NULL OR host = :host
""")


async def upsert_heartbeat(
    session: AsyncSession, worker_id: UUID, *, host: str, pid: int, version: str
) -> None:
    """The worker is at work now. One that was cleared away meanwhile is there again."""
    statement = insert(WorkerHeartbeat).values(id=worker_id, host=host, pid=pid, version=version)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[WorkerHeartbeat.id], set_={"seen_at": CLOCK})
    )


async def delete_heartbeat(session: AsyncSession, worker_id: UUID) -> None:
    await session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id == worker_id))


async def delete_silent(session: AsyncSession, *, older_than: timedelta, ahead_by: timedelta) -> None:
    """Those that have been silent for long, and those from a future that a clock has left again."""
    silent = (
        select(WorkerHeartbeat.id)
        .where(
            or_(
                WorkerHeartbeat.seen_at < CLOCK - older_than,
                WorkerHeartbeat.seen_at > CLOCK + ahead_by,
            )
        )
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id.in_(silent)))


async def list_silences(session: AsyncSession, *, host: str | None = None) -> Sequence[float]:
    """For each worker (of this host) how many seconds ago it was seen; below 0 after a clock went back."""
    return (await session.scalars(SILENT_FOR, {"host": host})).all()
