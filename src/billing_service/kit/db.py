"""PostgreSQL: one engine a process, a transaction is an indented block, nobody writes commit."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from functools import partial

import asyncpg
from sqlalchemy import DateTime, MetaData, Numeric, Text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
DIALECT = "postgresql+asyncpg://"
# Nothing waits for ever: not for a connection, not for an answer, not for a lock.
CONNECT_SECONDS, POOL_SECONDS, STATEMENT_SECONDS = 5, 5, 8
SERVER_SETTINGS = {
    "application_name": "billing-service",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{STATEMENT_SECONDS - 1}s",
    "idle_in_transaction_session_timeout": "20s",
}
TEMPORARY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What asyncpg says to a statement on a connection whose last message, that the server ends it, was just read.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    # It does not let us in: a password was changed, the database is being restored. An operator mends it.
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
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


def engine_for(database_url: str, *, pool_size: int) -> AsyncEngine:
    """Connections are asyncpg's own: it reads the address as the hot path and the worker do, `sslmode` included."""
    return create_async_engine(
        DIALECT,
        async_creator=partial(
            asyncpg.connect,
            database_url,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS + 2,
            server_settings=SERVER_SETTINGS,
        ),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )


class Database:
    """`async with db.begin() as session:` is one transaction: committed at its end, undone by any exception."""

    def __init__(self, database_url: str, *, pool_size: int) -> None:
        self.engine = engine_for(database_url, pool_size=pool_size)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._sessions.begin()

    async def close(self) -> None:
        await self.engine.dispose()


def is_unavailable(error: BaseException) -> bool:
    """Whether the database could not be reached or did not answer in time: the same call may succeed later."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or (cause is not None and is_unavailable(cause))
    # asyncpg calls a value of the wrong type an InterfaceError too; that is our bug and never goes away.
    return isinstance(error, TEMPORARY) and not isinstance(error, ValueError)
