"""A transaction on asyncpg itself: one indented block, one prepared statement a step, no session in between.

For the flows of money, which run under load and whose every statement is a decision; what is rarer goes through
`kit.db`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg

Row = Mapping[str, Any]


class Transaction:
    """Part of somebody's decision: committed at the end of the block that opened it, undone by any exception.

    Values are passed as `$1, $2, …` and never written into the statement. Raises asyncpg's errors, which
    `kit.db.is_unavailable` knows.
    """

    def __init__(self, connection: asyncpg.Connection, *, waits: bool) -> None:
        self.connection = connection
        # Whether it may wait for a lock that many may want (`kit.turns`).
        self.waits = waits
        self._tell: list[Callable[[], object]] = []

    async def rows(self, statement: str, *values: object) -> Sequence[Row]:
        found: Sequence[Row] = await self.connection.fetch(statement, *values)
        return found

    async def row(self, statement: str, *values: object) -> Row | None:
        """The first row, None without one."""
        found: Row | None = await self.connection.fetchrow(statement, *values)
        return found

    async def row_of(self, statement: str, row_id: object, *values: object) -> Row | None:
        """The row with this id (`$1`), which the statement answers as `id`; None without one. Those who share a
        transaction share the round trip (`kit.together`)."""
        return await self.row(statement, row_id, *values)

    async def rows_of(self, statement: str, values: Sequence[Sequence[object]]) -> Mapping[object, Row]:
        """The same for several, each with an id of its own, in one round trip: by their ids."""
        return {row["id"]: row for row in await self.connection.fetchmany(statement, values)}

    async def value(self, statement: str, *values: object) -> Any:  # noqa: ANN401 (a column of any type)
        """The first column of the first row, None without one."""
        return await self.connection.fetchval(statement, *values)

    async def execute(self, statement: str, *values: object) -> None:
        await self.connection.execute(statement, *values)

    def once_committed(self, tell: Callable[[], object]) -> None:
        """Count, or wake somebody, when it is committed; and not at all if it is undone."""
        self._tell.append(tell)

    def tell(self) -> None:
        """Called by whoever committed it."""
        for tell in self._tell:
            tell()
