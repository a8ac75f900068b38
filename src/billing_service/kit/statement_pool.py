"""The hot path to PostgreSQL: one prepared statement, one round trip, no session and no transaction block.

For single statements that are whole decisions (daily limits). Everything else goes through `kit.db`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from billing_service.kit.connections import POOL_SECONDS, create_pool

Row = Mapping[str, Any]


class StatementPool:
    """A bounded pool that connects when first used and never waits for ever."""

    def __init__(self, database_url: str, *, pool_size: int) -> None:
        self._pool = create_pool(database_url, min_size=0, max_size=pool_size)
        self._is_open = False

    async def fetch(self, statement: str, *values: object) -> Sequence[Row]:
        """The rows of a statement. Raises what `kit.db.is_unavailable` knows."""
        if not self._is_open:
            await self._pool
            self._is_open = True
        # Only who has to wait needs a timer; arming one costs more than taking an idle connection.
        patience = None if self._pool.get_idle_size() else POOL_SECONDS
        async with self._pool.acquire(timeout=patience) as connection:
            rows: Sequence[Row] = await connection.fetch(statement, *values)
            return rows

    async def fetch_one(self, statement: str, *values: object) -> Row:
        """The single row of a statement that always answers one."""
        return (await self.fetch(statement, *values))[0]

    async def close(self) -> None:
        await self._pool
        await self._pool.close()
