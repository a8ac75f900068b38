"""Which PostgreSQL is measured: a throwaway one, or another that is named, in a database of its own there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from benchmarks.load import CannotMeasure


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """The address of an empty database on this server, dropped at the end; what is there already is not touched.

    Raises `CannotMeasure` when the server does not let us in or does not let us create one.
    """
    name = f"billing_benchmark_{uuid4().hex}"
    try:
        execute(server, f"CREATE DATABASE {name}")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise CannotMeasure(f"no database can be made on that server: {error}") from error
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def version_of(database_url: str) -> str:
    """Such as `18.6`."""
    return str(fetch_value(database_url, "SHOW server_version"))


def execute(database_url: str, sql: str) -> None:
    asyncio.run(_connected(database_url, lambda connection: connection.execute(sql)))


def fetch(database_url: str, sql: str, *values: object) -> Sequence[asyncpg.Record]:
    return asyncio.run(_connected(database_url, lambda connection: connection.fetch(sql, *values)))


def fetch_value(database_url: str, sql: str, *values: object) -> Any:  # noqa: ANN401 (whatever the query asks for)
    return asyncio.run(_connected(database_url, lambda connection: connection.fetchval(sql, *values)))


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[Any]:
    """A connection, closed at the end."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def _connected(database_url: str, ask: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 (as above)
    async with connected(database_url) as connection:
        return await ask(connection)
