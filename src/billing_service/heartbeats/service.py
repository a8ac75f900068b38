"""A worker lets the database know that it is at work, so that everybody else can see when none is."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.heartbeats import queries
from billing_service.kit.db import Database
from billing_service.kit.db_errors import refusal_of
from billing_service.kit.version import VERSION

log = structlog.get_logger()

FIRST_BEAT_SECONDS, BEAT_SECONDS = 1, 10
# Three beats: one may be late, and one may be lost with its connection.
ALIVE_SECONDS = 30
# A worker that lives writes over a time that a clock has left again within one beat. Nobody else's is believed.
AHEAD_SECONDS = 5
KEPT_FOR, LEFT_AHEAD = timedelta(days=1), timedelta(minutes=1)
LEAVE_SECONDS = 2


@dataclass(frozen=True)
class Presence:
    """How many workers are alive, and how many seconds ago the last one was seen; None if there was none."""

    alive: int
    seen_seconds_ago: float | None


async def presence(session: AsyncSession, *, host: str | None = None) -> Presence:
    """Who is at work, on every host or on one. By the database's own clock, whatever `billing_now()` says."""
    silences = await queries.list_silences(session, host=host)
    believed = [max(seconds, 0.0) for seconds in silences if seconds >= -AHEAD_SECONDS]
    alive = sum(seconds <= ALIVE_SECONDS for seconds in believed)
    return Presence(alive, min(believed, default=None))


async def presence_here(db: Database) -> Presence:
    """Who is at work on this host."""
    async with db.begin() as session:
        return await presence(session, host=socket.gethostname())


@asynccontextmanager
async def beating(db: Database, worker_id: UUID) -> AsyncIterator[None]:
    """As long as the block lasts the worker is seen to be at work; after its end it is gone at once.

    A beat that the database refuses is a line in the log and never disturbs the work.
    """
    beats = asyncio.create_task(_beat_on(db, worker_id))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
        async with _noting_refusals(), asyncio.timeout(LEAVE_SECONDS), db.begin() as session:
            await queries.delete_heartbeat(session, worker_id)


async def _beat_on(db: Database, worker_id: UUID) -> None:
    async with _noting_refusals(), db.begin() as session:
        await queries.delete_silent(session, older_than=KEPT_FOR, ahead_by=LEFT_AHEAD)
    # Whoever fails as soon as it has begun, again and again, is never seen to be at work.
    await asyncio.sleep(FIRST_BEAT_SECONDS)
    while True:
        async with _noting_refusals(), db.begin() as session:
            await queries.upsert_heartbeat(
                session, worker_id, host=socket.gethostname(), pid=os.getpid(), version=VERSION
            )
        await asyncio.sleep(BEAT_SECONDS)


@asynccontextmanager
async def _noting_refusals() -> AsyncIterator[None]:
    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        log.warning("worker.heartbeat_missed", database=refusal)
