"""PostgreSQL: one engine a process, a transaction is an indented block, nobody writes commit."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import asyncpg
from sqlalchemy import DateTime, ExceptionContext, MetaData, Numeric, Text, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, class_mapper
from sqlalchemy.pool import NullPool

from billing_service.kit.connections import POOL_SECONDS
from billing_service.kit.servers import Servers

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
DIALECT = "postgresql+asyncpg://"
# What passes by itself, by the first characters of its SQLSTATE; the same call may succeed later.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = (
    "08",  # no connection, or one that was lost
    "25006",  # read only: a failover, or a disk that is nearly full
    "25P0",  # the transaction was ended for us
    "40",  # undone because of another one: deadlock, serialization
    "53",  # disk full, out of memory, too many connections
    "55",  # a lock that does not come, an object in use
    "57",  # canceled, shutting down, starting up
    "58",  # the disk does not answer
    "XX",  # the server is in trouble
)
# It does not let us in, or not do our work: a password changed, a restore under way, a right taken away. An operator
# mends it, and we go on without a restart.
DENIED = ("28", "3D000", "42501")
# What has no SQLSTATE because it never came from the server, or has one that says too little.
LOST = (
    asyncpg.InterfaceError,
    # What asyncpg says to a statement on a connection whose last message, that the server ends it, was just read; and
    # to one whose types were changed by a migration since it was prepared.
    asyncpg.InternalClientError,
    # 0A000 like every feature there is not; but this one is gone as soon as the statement is prepared anew.
    asyncpg.InvalidCachedStatementError,
    PoolTimeoutError,
    OSError,
    TimeoutError,
)


class Model(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: DateTime(timezone=True),
        Decimal: Numeric(12, 2),
        str: Text,
    }

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """What a statement of ours has read, outside any session: a column that is not in `row` is None.

        The constructor tells SQLAlchemy of each column by itself, which costs more than a round trip of the statement.
        """
        loaded: Any = class_mapper(cls).class_manager.new_instance()
        loaded.__dict__.update(row)
        return loaded  # type: ignore[no-any-return]


def engine_for(database_url: str, *, pooled: bool = False, **pool: Any) -> AsyncEngine:  # noqa: ANN401 (SQLAlchemy's own)
    """Connections are asyncpg's own: it reads the address as the hot path and the worker do, `sslmode` included."""
    engine = create_async_engine(
        DIALECT, async_creator=Servers(database_url, pooled=pooled).connect, hide_parameters=True, **pool
    )
    event.listen(engine.sync_engine, "handle_error", _give_up_who_is_silent)
    return engine


def _give_up_who_is_silent(context: ExceptionContext) -> None:
    """The server itself ends a statement sooner than our patience, so nobody waits for another word of this one."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = context.invalidate_pool_on_disconnect = True


class Database:
    """`async with db.begin() as session:` is one transaction: committed at its end, undone by any exception."""

    def __init__(self, database_url: str, *, pool_size: int, pooled: bool = False) -> None:
        self.engine = engine_for(
            database_url, pooled=pooled, pool_size=pool_size, max_overflow=0, pool_timeout=POOL_SECONDS
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._outside = engine_for(database_url, pooled=pooled, poolclass=NullPool)
        self._one_outside = asyncio.Semaphore()

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._sessions.begin()

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[AsyncConnection]:
        """A new connection beside the pool, one at a time: for who examines the database, however busy the others are.

        Raises TimeoutError while another one is being used for too long.
        """
        async with asyncio.timeout(POOL_SECONDS):
            await self._one_outside.acquire()
        try:
            async with self._outside.connect() as connection:
                yield connection
        finally:
            self._one_outside.release()

    async def close(self) -> None:
        await self.engine.dispose()


def is_unavailable(error: BaseException) -> bool:
    """Whether the database could not be reached, or could not or would not work: the same call may succeed later.

    The server's own word decides (SQLSTATE), whatever class of exception brings it.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        error = (error.orig.__cause__ or error.orig) if error.orig else error
    if isinstance(error, LOST):
        # asyncpg calls a word in the address that it does not know an InterfaceError too; that never goes away.
        return not isinstance(error, ValueError)
    return _sqlstate(error).startswith(PASSING + DENIED)


def is_denied(error: BaseException) -> bool:
    """Whether it goes on until an operator lets us in, or gives us a right back."""
    if isinstance(error, DBAPIError) and error.orig:
        error = error.orig
    return _sqlstate(error).startswith(DENIED)


def unavailable_because(error: BaseException) -> str:
    """What is wrong, in a few words and with no text of the server's: for a person who looks from outside."""
    state = _sqlstate(error.orig if isinstance(error, DBAPIError) and error.orig else error)
    if state.startswith("53"):
        return f"is at its end: disk, memory or connections (SQLSTATE {state})"
    return f"does not work (SQLSTATE {state})" if state else "cannot be reached"


def _sqlstate(error: BaseException) -> str:
    return getattr(error, "sqlstate", None) or ""
