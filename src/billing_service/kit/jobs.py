"""Background jobs on PostgreSQL (pgqueuer): a job and the fact it follows from are committed together or not at all."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

from pgqueuer.core.tm import TaskManager
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


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
