"""Which PostgreSQL is measured: a throwaway one, or another that is named, in a database of its own there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
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
    return str(asyncio.run(_fetch_value(database_url, "SHOW server_version")))


def execute(database_url: str, sql: str) -> None:
    asyncio.run(_execute(database_url, sql))


async def _execute(database_url: str, sql: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _fetch_value(database_url: str, sql: str) -> object:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
