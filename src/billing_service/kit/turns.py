"""Who waits for one row waits in a line of his own: a crowd at one row holds one connection, and not the whole pool."""

from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol, TypeVar

from billing_service.kit.keyed_semaphore import KeyedSemaphore
from billing_service.kit.transaction import Transaction

T = TypeVar("T")


class Begin(Protocol):
    def __call__(self, *, waits: bool = True) -> AbstractAsyncContextManager[Transaction]: ...


class Busy(Exception):
    """Somebody else holds the row, or it became another's while its lock was awaited; `whose` names the line to wait
    in."""

    def __init__(self, whose: Hashable) -> None:
        self.whose = whose
        super().__init__(whose)


class _Undo(Exception):
    """Ends a transaction that was only to be looked at."""


class Turns:
    """Transactions that begin with a lock which others may hold for a while."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._lines = KeyedSemaphore(width=1, seconds=5)

    async def take(self, whose: Hashable, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """`work` as one transaction, in the line of `whose` from the start.

        Raises TimeoutError when the line does not move, which `kit.db.is_unavailable` knows.
        """
        async with self._lines.slot(whose), self._begin() as tx:
            return await work(tx)

    async def look(self, whose: Hashable, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `take` would answer now, by the same code, of which nothing stays. Raises what `work` raises."""
        seen: list[T] = []

        async def undone(tx: Transaction) -> None:
            seen.append(await work(tx))
            raise _Undo

        with suppress(_Undo):
            await self.take(whose, undone)
        return seen[0]

    async def take_or_queue(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """`work` as one transaction, whose lock says whose it is: at once if it is free, else again, in the line.

        While `tx.waits` is False, `work` raises `Busy` instead of waiting; what it did until then is undone. When it
        raises it later, whoever it waited for has made the row another's: it is done again in that line.
        """
        try:
            async with self._begin(waits=False) as tx:
                return await work(tx)
        except Busy as busy:
            whose = busy.whose
        while True:
            try:
                return await self.take(whose, work)
            except Busy as busy:
                whose = busy.whose
