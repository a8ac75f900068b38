"""How the database is reached and kept, as far as a session can see: is there a second copy, is there a pooler?"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

from billing_service.config import Settings
from billing_service.kit.servers import Servers
from billing_service.operations.findings import CannotBeAsked, Finding, asked_of_the_database

Check = Callable[[Settings], Awaitable[Finding]]
SECOND_COPY = "what was answered is on two servers"
ONE_CONNECTION = "who listens, migrates or locks has a connection of his own"

# Whose state is hidden from a role without pg_monitor shows as null.
STANDBYS = """
SELECT current_setting('synchronous_standby_names') AS named, count(pid) AS following,
    count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS in_step, count(sync_state) AS seen
FROM pg_stat_replication
"""
WHICH = """
SELECT pg_backend_pid() AS pid, system_identifier AS cluster, current_database() AS name FROM pg_control_system()
"""
# A pooler gives the connection that was last used to whoever comes next, unless others come in between.
TRIES = 10


class Session(NamedTuple):
    """Whom a connection leads to just now, and whether that is who it was opened to."""

    pid: int
    database: tuple[int, str]
    is_direct: bool


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    for what, check in CHECKS.items():
        try:
            yield await asked_of_the_database(check(settings))
        except CannotBeAsked as error:
            yield Finding(what, error.sentence)


async def _second_copy(settings: Settings) -> Finding:
    async with _connection(settings.direct_url) as connection:
        row = await connection.fetchrow(STANDBYS)
    if not row["named"]:
        return Finding(
            SECOND_COPY,
            unchecked_because="synchronous_standby_names is blank: what was answered last may be lost with the server; "
            "whether a managed database keeps a copy of its own, nobody sees from here",
        )
    if row["following"] > row["seen"]:
        return Finding(
            SECOND_COPY, unchecked_because="this role does not see who is in step (pg_monitor would)"
        )
    waits = f"synchronous_standby_names is {row['named']}, and nobody is in step: every write waits"
    return Finding(SECOND_COPY, None if row["in_step"] else waits)


async def _one_connection(settings: Settings) -> Finding:
    async with _connection(settings.database_url, pooled=settings.is_pooled) as connection:
        lent = await _session(connection)
        if settings.database_direct_url:
            async with _connection(settings.database_direct_url) as other:
                return Finding(ONE_CONNECTION, _wrong_with(lent, await _session(other)))
        if lent.is_direct or not await _is_lent_to_another(settings, lent):
            return Finding(ONE_CONNECTION)
    return Finding(
        ONE_CONNECTION,
        "DATABASE_URL leads to a pooler in transaction mode, and DATABASE_DIRECT_URL is blank: workers hear of no job",
    )


def _wrong_with(lent: Session, direct: Session) -> str | None:
    if not direct.is_direct:
        return "DATABASE_DIRECT_URL leads to a pooler"
    return (
        None
        if lent.database == direct.database
        else "DATABASE_DIRECT_URL leads to another database than DATABASE_URL"
    )


async def _is_lent_to_another(settings: Settings, lent: Session) -> bool:
    """Whether a second client gets the connection that the first one, who is still there, was answered by."""
    async with _connection(settings.database_url) as other:
        for _ in range(TRIES):
            if (await _session(other)).pid == lent.pid:
                return True
    return False


async def _session(connection: asyncpg.Connection) -> Session:
    row = await connection.fetchrow(WHICH)
    return Session(row["pid"], (row["cluster"], row["name"]), connection.get_server_pid() == row["pid"])


@asynccontextmanager
async def _connection(url: str, *, pooled: bool = False) -> AsyncIterator[asyncpg.Connection]:
    connection = await Servers(url, pooled=pooled).connect()
    try:
        yield connection
    finally:
        await connection.close()


CHECKS: Mapping[str, Check] = {SECOND_COPY: _second_copy, ONE_CONNECTION: _one_connection}
