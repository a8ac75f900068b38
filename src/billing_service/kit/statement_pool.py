"""The way to PostgreSQL for what runs under load: prepared statements on asyncpg, no session.

A statement that is a whole decision (daily limits) is one round trip; what takes several (money) is a `Transaction`.
What is rarer, and what only reads, goes through `kit.db`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from billing_service.kit.connections import POOL_SECONDS
from billing_service.kit.gathering import Gathering
from billing_service.kit.servers import close_pool, create_pool
from billing_service.kit.together import Together
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Turns

LET_GO_SECONDS = 1


class StatementPool:
    """A bounded pool that connects when first used and never waits for ever."""

    def __init__(self, database_url: str, *, pool_size: int, pooled: bool = False) -> None:
        self._pool = create_pool(database_url, min_size=0, max_size=pool_size, pooled=pooled)
        self._is_open = False
        self.turns = Turns(self.transaction)
        self.gathering = Gathering(self.fetch_each)
        self.together = Together(self.transaction, self.turns)

    async def fetch(self, statement: str, *values: object) -> Sequence[Row]:
        """The rows of a statement. Raises what `kit.db.is_unavailable` knows."""
        return await self._answered(lambda connection: connection.fetch(statement, *values))

    async def fetch_each(self, statement: str, values: Sequence[Sequence[object]]) -> Sequence[Row]:
        """The rows that it answers to each of several lists of values, in one round trip."""
        return await self._answered(lambda connection: connection.fetchmany(statement, values))

    async def _answered(self, ask: Callable[[asyncpg.Connection], Awaitable[Sequence[Row]]]) -> Sequence[Row]:
        async with await self._connection() as connection:
            try:
                return await ask(connection)
            except TimeoutError:
                await self._give_up(connection)
                raise
            except BaseException:
                await _let_go(connection)
                raise

    @asynccontextmanager
    async def transaction(self, *, waits: bool = True) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end of the block, undone by any exception."""
        async with await self._connection() as connection:
            tx = Transaction(connection, waits=waits)
            try:
                async with connection.transaction():
                    yield tx
            except TimeoutError:
                await self._give_up(connection)
                raise
        tx.tell()

    async def _give_up(self, connection: asyncpg.Connection) -> None:
        """The server itself ends a statement sooner than our patience: this one is silent, so nobody waits for a word
        of it on this connection or another."""
        connection.terminate()
        await self._pool.expire_connections()

    async def _connection(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        if not self._is_open:
            await self._pool
            self._is_open = True
        # Only who has to wait needs a timer; arming one costs more than taking an idle connection.
        patience = None if self._pool.get_idle_size() else POOL_SECONDS
        acquired: AbstractAsyncContextManager[asyncpg.Connection] = self._pool.acquire(timeout=patience)
        return acquired

    async def fetch_one(self, statement: str, *values: object) -> Row:
        """The single row of a statement that always answers one."""
        return (await self.fetch(statement, *values))[0]

    async def close(self) -> None:
        await self._pool
        await close_pool(self._pool)


async def _let_go(connection: asyncpg.Connection) -> None:
    """Tell the server that nothing more comes of what failed.

    The driver prepares a statement without saying so. If its values do not fit then, or nobody waits for it any more,
    the server goes on counting its time, and at the end of that calls off what somebody else has asked meanwhile
    (findings/asyncpg-armed-statement-timeout.sh).
    """
    try:
        await connection.execute("SELECT", timeout=LET_GO_SECONDS)
    except Exception:  # noqa: BLE001 (whatever it says: what failed before is raised, and this one is used no more)
        connection.terminate()
