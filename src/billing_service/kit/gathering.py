"""Who asks for a row at the same moment is answered together: one round trip for them all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from billing_service.kit.transaction import Row

FetchEach = Callable[[str, Sequence[Sequence[object]]], Awaitable[Sequence[Row]]]
Wanted = dict[int, asyncio.Future[Row | None]]


class Gathering:
    """Rows of statements whose one value is the `id` of what they answer, and which only read."""

    def __init__(self, fetch_each: FetchEach) -> None:
        self._fetch_each = fetch_each
        self._wanted: dict[str, Wanted] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def get(self, statement: str, row_id: int) -> Row | None:
        """None if there is none. Raises what `StatementPool.fetch` raises."""
        if statement not in self._wanted:
            wanted = self._wanted[statement] = {}
            asking = asyncio.create_task(self._ask(statement))
            self._asking.add(asking)
            asking.add_done_callback(partial(self._is_over, statement, wanted))
        answers = self._wanted[statement]
        if row_id not in answers:
            answers[row_id] = asyncio.get_running_loop().create_future()
        # Whoever stops waiting leaves the answer to others who ask for the same.
        return await asyncio.shield(answers[row_id])

    async def _ask(self, statement: str) -> None:
        """Begun in the next turn of the loop, so that what belongs to this one is in."""
        wanted = self._wanted.pop(statement)
        try:
            found = await self._fetch_each(statement, [(row_id,) for row_id in wanted])
        except Exception as error:  # noqa: BLE001 (it is theirs who asked)
            for answer in wanted.values():
                answer.set_exception(error)
            return
        rows = {row["id"]: row for row in found}
        for row_id, answer in wanted.items():
            answer.set_result(rows.get(row_id))

    def _is_over(self, statement: str, wanted: Wanted, asking: asyncio.Task[None]) -> None:
        """Whoever is not answered by now was asked for by a question that was called off, perhaps before it began."""
        self._asking.discard(asking)
        if self._wanted.get(statement) is wanted:
            del self._wanted[statement]
        for answer in wanted.values():
            answer.cancel()
