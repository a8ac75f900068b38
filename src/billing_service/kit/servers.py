"""The servers that one address names, of which one takes writes: which one that is, and that it is not an old one.

A standby that takes over begins a new timeline. A primary that comes back without having been told takes writes on the
old one, and whatever it was given would be lost when somebody puts it right.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import structlog

from billing_service.kit.connections import CONNECT_SECONDS, POOL_SECONDS, connect

log = structlog.get_logger()

# The timeline is the first eight digits of a file's name; a standby writes none.
TIMELINE = """
SELECT system_identifier AS cluster, CASE WHEN pg_is_in_recovery() THEN 0
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline
FROM pg_control_system()
"""
# Who waits for a connection is still there when the silent ones have had their time. Then they are left alone for a
# while: a machine without power costs one connection that time now and then, and not every one.
SILENT_SECONDS, LEFT_ALONE_SECONDS = min(CONNECT_SECONDS, POOL_SECONDS) / 2.5, 30
# Whoever has a connection then is about to give it back, or never will.
CLOSE_SECONDS = 5


class OutdatedPrimary(ConnectionError):
    """It takes writes, and another one has taken its place; it passes when an operator has put that right."""


# Another server may be the one: this one is gone or silent, starts or stops, or is a standby; or a pooler answers
# for it, which takes whoever connects and ends him when he asks.
NOT_THIS_ONE = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TargetServerAttributeNotMatched,
)


def each_of(database_url: str) -> Sequence[str]:
    """An address for each server that `database_url` names before the database, in the same order."""
    parts = urlsplit(database_url)
    account, at, hosts = parts.netloc.rpartition("@")
    return [parts._replace(netloc=f"{account}{at}{host}").geturl() for host in hosts.split(",")]


@dataclass
class Opened:
    """A connection, and where in the history its server writes; a standby, which the address may allow, nowhere.

    Without a cluster nobody behind it has answered."""

    connection: asyncpg.Connection
    cluster: int = 0
    timeline: int = 0


class Servers:
    """Where a pool's connections come from. All servers are asked at once, so that a silent one hides no other."""

    def __init__(self, database_url: str, *, pooled: bool = False) -> None:
        self._addresses = each_of(database_url)
        self._pooled = pooled
        # A pooler remembers what a server said of itself at its first connection: of that one we ask the server.
        wanted = parse_qs(urlsplit(database_url).query).get("target_session_attrs", [])
        self._asks_who_writes = pooled and bool({"read-write", "primary"} & set(wanted))
        # By cluster, which a new major release begins anew: the newest timeline that was seen.
        self._newest: dict[int, int] = defaultdict(int)
        self._left_alone_until: dict[str, float] = defaultdict(float)

    async def connect(self, *_address: object, **options: Any) -> asyncpg.Connection:  # noqa: ANN401 (asyncpg's own)
        """A connection to the one that takes writes. Raises what the driver raises, or `OutdatedPrimary`."""
        if len(self._addresses) == 1:
            return await connect(self._addresses[0], pooled=self._pooled, **options)
        now = time.monotonic()
        asked = [one for one in self._addresses if self._left_alone_until[one] <= now]
        for addresses in filter(None, (asked, [one for one in self._addresses if one not in asked])):
            async with _only_one_is_kept() as opened:
                tries = (self._try(address, opened, options) for address in addresses)
                failures = [failure for failure in await asyncio.gather(*tries) if failure]
                if newest := self._newest_of([one for one in opened if one.cluster]):
                    opened.remove(newest)
                    return newest.connection
        raise failures[-1] if failures else OutdatedPrimary("it takes writes on an old timeline")

    async def _try(self, address: str, opened: list[Opened], options: dict[str, Any]) -> Exception | None:
        options = options | {"timeout": SILENT_SECONDS}
        if self._asks_who_writes:
            options["target_session_attrs"] = "any"
        try:
            connection = await connect(address, pooled=self._pooled, **options)
            opened.append(found := Opened(connection))
            row = await connection.fetchrow(TIMELINE, timeout=SILENT_SECONDS)
        except NOT_THIS_ONE as error:
            if isinstance(error, TimeoutError):
                self._left_alone_until[address] = time.monotonic() + LEFT_ALONE_SECONDS
            return error
        if self._asks_who_writes and not row["timeline"]:
            return ConnectionError("it takes no writes")
        found.cluster, found.timeline = row["cluster"], row["timeline"]
        return None

    def _newest_of(self, opened: Sequence[Opened]) -> Opened | None:
        """None if whoever answers is older than who was seen before."""
        for one in opened:
            self._newest[one.cluster] = max(self._newest[one.cluster], one.timeline)
        for one in opened:
            if one.timeline == self._newest[one.cluster]:
                return one
            log.error("database.outdated_primary_refused", timeline=one.timeline)
        return None


@asynccontextmanager
async def _only_one_is_kept() -> AsyncIterator[list[Opened]]:
    """Connections of which whoever wants one takes it out of the list; the others end with the block."""
    opened: list[Opened] = []
    try:
        yield opened
    finally:
        for one in opened:
            one.connection.terminate()


async def _nothing_to_reset(_connection: object) -> None:
    """Our statements leave nothing behind on a connection, and asyncpg's own reset would undo `MAKE_DURABLE`."""


def create_pool(database_url: str, *, min_size: int, max_size: int, pooled: bool = False) -> asyncpg.Pool:
    """A pool of connections as `kit.connections` sets them up; it connects when it is awaited or entered."""
    return asyncpg.create_pool(
        database_url,
        connect=Servers(database_url, pooled=pooled).connect,
        min_size=min_size,
        max_size=max_size,
        max_inactive_connection_lifetime=300,
        reset=_nothing_to_reset,
    )


@asynccontextmanager
async def opened_pool(database_url: str, *, min_size: int, max_size: int) -> AsyncIterator[asyncpg.Pool]:
    """The same, as long as the block lasts."""
    pool = await create_pool(database_url, min_size=min_size, max_size=max_size)
    try:
        yield pool
    finally:
        await close_pool(pool)


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close it once every connection has been given back, or soon: by itself the driver waits for that without end."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        log.warning("database.connection_abandoned", after_seconds=CLOSE_SECONDS)
