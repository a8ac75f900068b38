"""The old database: read only, one snapshot, and never more of it in memory than a page."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg

# What is read of each table: its columns there.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "subscription_plans": (
        *("id", "code", "display_name", "description", "price", "old_price", "duration_days", "history_days"),
        *(
            "daily_photo_limit",
            "ai_recognition",
            "advanced_stats",
            "priority_support",
            "is_active",
            "is_test",
        ),
    ),
    "subscriptions": (
        *(
            "user_id",
            "plan_id",
            "start_date",
            "end_date",
            "is_active",
            "auto_renew",
            "card_mask",
            "card_brand",
        ),
        *("yookassa_payment_method_id", "created_at", "updated_at"),
    ),
    "payments": (
        *("id", "user_id", "plan_id", "amount", "currency", "status", "yookassa_payment_id", "is_recurring"),
        *("description", "error_message", "created_at", "updated_at", "paid_at", "webhook_processed_at"),
    ),
    "refunds": (
        *("id", "payment_id", "amount", "status", "yookassa_refund_id", "reason"),
        *("created_at", "updated_at", "completed_at"),
    ),
    "webhook_logs": (
        *("event_type", "event_id", "payment_id", "status", "attempts", "raw_payload", "client_ip"),
        *("created_at", "processed_at", "trace_id"),
    ),
    "daily_usage": ("user_id", "date", "photo_ai_requests"),
}
PRESENT = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = $1 AND table_name = ANY($2)
"""
CONNECT_SECONDS = 10
# Within the transaction, so that a pooler in front of the old server is no hindrance. An instant is one, whatever the
# server is set to.
SETTINGS = """
    SET LOCAL TimeZone = 'UTC'; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0
"""
AT_ONCE = 1000
WAITING_CHUNKS = 8


class NotTheLegacy(Exception):
    """The database that was named cannot be read as the tables of the service before this one."""


@dataclass(frozen=True)
class Source:
    """The old tables as they were at one instant. `name` is for people: server, database and schema."""

    connection: asyncpg.Connection
    schema: str
    name: str

    def select(self, statement: str) -> str:
        """A statement of ours with the schema's name put in, as `{s}`."""
        return statement.format(s='"' + self.schema.replace('"', '""') + '"')

    async def copy(self, statement: str) -> AsyncIterator[bytes]:
        """The answer in PostgreSQL's binary COPY format, as it comes; a reader who is slow slows it down."""
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_CHUNKS)

        async def read() -> None:
            await self.connection.copy_from_query(self.select(statement), output=chunks.put, format="binary")
            await chunks.put(None)

        reading = asyncio.create_task(read())
        try:
            while (chunk := await _next(chunks, reading)) is not None:
                yield chunk
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def pages(self, statement: str, *values: object) -> AsyncIterator[list[Mapping[str, Any]]]:
        """The answer, a page at a time, by a cursor of the server's."""
        cursor = await self.connection.cursor(self.select(statement), *values)
        while page := await cursor.fetch(AT_ONCE):
            yield page


async def _next(chunks: asyncio.Queue[bytes | None], reading: asyncio.Task[None]) -> bytes | None:
    """The next chunk; raises what ended the reading before its end."""
    chunk = asyncio.create_task(chunks.get())
    await asyncio.wait({chunk, reading}, return_when=asyncio.FIRST_COMPLETED)
    if not chunk.done() and reading.exception() is not None:
        chunk.cancel()
        await reading
    return await chunk


@asynccontextmanager
async def snapshot(url: str, schema: str) -> AsyncIterator[Source]:
    """Open the old database for one consistent look. Raises `NotTheLegacy` for what cannot be looked at."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, statement_cache_size=0)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotTheLegacy(f"it cannot be opened ({type(error).__name__})") from None
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(SETTINGS)
            await _refuse_others(connection, schema)
            yield Source(connection, schema, _name_of(url, schema))
    finally:
        await connection.close()


async def _refuse_others(connection: asyncpg.Connection, schema: str) -> None:
    present: dict[str, set[str]] = {}
    for row in await connection.fetch(PRESENT, schema, list(COLUMNS)):
        present.setdefault(row["table_name"], set()).add(row["column_name"])
    missing = [
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column in columns
        if column not in present.get(table, ())
    ]
    if not present:
        raise NotTheLegacy(f"its schema {schema} has none of the tables {', '.join(COLUMNS)}")
    if missing:
        raise NotTheLegacy(f"its schema {schema} lacks {', '.join(missing)}")


def _name_of(url: str, schema: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or 'local'}:{parts.port or 5432}{parts.path}, schema {schema}"
