"""Connections to PostgreSQL whose every statement waits for its turn, and is sent at the time of the world."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from simulation.scheduler import RUNNING_IN, Turns

CONNECT, CREATE_POOL = asyncpg.connect, asyncpg.create_pool
# What of asyncpg's protocol goes to the server and waits for its answer.
STATEMENTS = frozenset(
    {"prepare", "bind_execute", "bind_execute_many", "bind", "execute", "query", "close_statement"}
)


class _Protocol:
    """asyncpg's own, except that its statements take turns."""

    def __init__(self, inner: Any, turns: Turns, before: Callable[[], None]) -> None:  # noqa: ANN401 (asyncpg's)
        self._inner, self._turns, self._before = inner, turns, before

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever it has)
        found = getattr(self._inner, name)
        if name in STATEMENTS:
            found = self._in_turn(found)
        if callable(found):
            # What it can do stays the same: it is looked for once.
            setattr(self, name, found)
        return found

    def _in_turn(self, statement: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(*values: Any, **named: Any) -> Any:  # noqa: ANN401 (asyncpg's own)
            async def now() -> Any:  # noqa: ANN401
                self._before()
                return await statement(*values, **named)

            return await self._turns.statement(self._inner.get_server_pid(), now)

        return send


@contextmanager
def statements_in_turn(turns: Turns, before: Callable[[], None]) -> Iterator[None]:
    """As long as the block lasts, every connection that anybody opens is such a one. `before` is called right before a
    statement leaves.

    They are kept, with their prepared statements, however long nobody needs them: minutes are nothing here.
    """

    types: dict[frozenset[int], Any] = {}

    class InTurn(asyncpg.Connection):  # type: ignore[misc] # asyncpg ships no types
        __slots__ = ()

        def __init__(self, protocol: Any, *more: Any) -> None:  # noqa: ANN401 (asyncpg's own)
            super().__init__(_Protocol(protocol, turns, before), *more)

        async def _introspect_types(self, oids: Any, timeout: Any) -> Any:  # noqa: ANN401, ASYNC109 (asyncpg's own)
            """A type stays what it is: each of the hundred connections of a world need not ask for it."""
            asked = frozenset(oids)
            if asked not in types:
                types[asked] = await super()._introspect_types(oids, timeout)
            return types[asked]

    async def connect(*where: Any, **options: Any) -> asyncpg.Connection:  # noqa: ANN401 (asyncpg's own)
        process = RUNNING_IN.get()
        asked = options | {"connection_class": InTurn, "max_cached_statement_lifetime": 0}
        connection = await turns.statement(None, lambda: CONNECT(*where, **asked))
        if process is not None:
            process.backends.append(connection.get_server_pid())
        return connection

    def create_pool(*where: Any, **options: Any) -> asyncpg.Pool:  # noqa: ANN401 (asyncpg's own)
        return CREATE_POOL(*where, **options | {"max_inactive_connection_lifetime": 0})

    asyncpg.connect, asyncpg.create_pool = connect, create_pool
    try:
        yield
    finally:
        asyncpg.connect, asyncpg.create_pool = CONNECT, CREATE_POOL
