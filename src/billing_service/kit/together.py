"""Who waits at the same time goes in one transaction: a statement that several ask for is one round trip for them all.

The work of each is what it is alone, statement by statement and in its order; only the wire and the commit are shared.
Whoever fails after he has written undoes them all, and then each goes alone: nobody's trouble is another's for longer.
"""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import structlog

from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Begin, Busy, Turns

T = TypeVar("T")
log = structlog.get_logger()

# How many such transactions a process has at once, and how many go in one.
AT_ONCE, WIDTH = 2, 40
# A function that is called by itself may write.
ONLY_READS = re.compile(r"\s*SELECT(?!\s+\w+\()")


class Apart(Exception):
    """What was done together is undone."""


class Together:
    """Transactions of many who have nothing to do with each other."""

    def __init__(self, begin: Begin, turns: Turns) -> None:
        self._begin, self._turns = begin, turns
        self._running = 0
        self._waiting: deque[_Place] = deque()
        self._groups: set[asyncio.Task[None]] = set()

    async def take_or_queue(self, whose: Hashable, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """`Turns.take_or_queue`: at once while a place is free, else together with others who wait for one.

        `whose` is what `work` reads and locks besides shared facts: nobody goes with another of the same. `work` waits
        for nothing but its statements; it is done again, alone, if anything goes wrong for any of those it went with,
        and raises what it raises there.
        """
        with suppress(Apart, Busy):
            if self._running < AT_ONCE:
                return await self._at_once(work)
            self._waiting.append(place := _Place(whose))
            return await place.take(work)
        return await self._turns.take_or_queue(work)

    async def _at_once(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self._running += 1
        try:
            async with self._begin(waits=False) as tx:
                return await work(tx)
        finally:
            self._go_on()

    def _go_on(self) -> None:
        self._running -= 1
        while self._running < AT_ONCE and (places := self._next()):
            self._running += 1
            task = asyncio.create_task(_Group(places).go(self._begin))
            self._groups.add(task)
            task.add_done_callback(self._is_over)

    def _is_over(self, group: asyncio.Task[None]) -> None:
        self._groups.discard(group)
        self._go_on()

    def _next(self) -> "Sequence[_Place]":
        """Those who have waited longest, one of each."""
        chosen: dict[Hashable, _Place] = {}
        left: list[_Place] = []
        while self._waiting and len(chosen) < WIDTH:
            place = self._waiting.popleft()
            if place.entered.cancelled():
                continue
            if chosen.setdefault(place.whose, place) is not place:
                left.append(place)
        self._waiting.extendleft(reversed(left))
        return list(chosen.values())


class _Place:
    """Of somebody who waits to be let in, until it is known what became of all of them."""

    def __init__(self, whose: Hashable) -> None:
        self.whose = whose
        self.entered: asyncio.Future[_Shared] = asyncio.get_running_loop().create_future()

    async def take(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Raises `Apart` if it must be done alone."""
        try:
            tx = await self.entered
            done = await work(tx)
        except BaseException as error:
            self._leave(error)
            if isinstance(error, Exception):
                raise Apart from error
            raise
        tx.group.leave()
        await tx.group.over.wait()
        if not tx.group.is_committed:
            raise Apart
        tx.tell()
        return done

    def _leave(self, error: BaseException) -> None:
        if self.entered.done() and not self.entered.cancelled() and not self.entered.exception():
            tx = self.entered.result()
            tx.group.leave(error if tx.has_written else None)


class _Question(NamedTuple):
    """A statement that somebody waits for the answer of. Of several with an `id` each gets the row that has it."""

    method: str
    statement: str
    values: tuple[Any, ...]
    answer: asyncio.Future[Any]


class _Shared(Transaction):
    """A transaction as one of those sees it who share it. Who needs the connection itself goes alone."""

    def __init__(self, group: "_Group") -> None:
        super().__init__(None, waits=False)
        self.group = group
        self.has_written = False

    async def rows(self, statement: str, *values: object) -> Sequence[Row]:
        found: Sequence[Row] = await self._ask("rows", statement, values)
        return found

    async def row(self, statement: str, *values: object) -> Row | None:
        found: Row | None = await self._ask("row", statement, values)
        return found

    async def row_of(self, statement: str, row_id: object, *values: object) -> Row | None:
        found: Row | None = await self._ask("row_of", statement, (row_id, *values))
        return found

    async def value(self, statement: str, *values: object) -> Any:  # noqa: ANN401 (a column of any type)
        return await self._ask("value", statement, values)

    async def execute(self, statement: str, *values: object) -> None:
        await self._ask("execute", statement, values)

    async def _ask(self, method: str, statement: str, values: tuple[object, ...]) -> Any:  # noqa: ANN401
        self.has_written = self.has_written or not ONLY_READS.match(statement)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        return await self.group.ask(_Question(method, statement, values, answer))


class _Group:
    """One transaction of several, in step: nobody is answered before each of them has asked or is done."""

    def __init__(self, places: Sequence[_Place]) -> None:
        self._places = places
        self._inside = 0
        self._asked: list[_Question] = []
        self._all_have_asked = asyncio.Event()
        self._spoilt: BaseException | None = None
        self.over = asyncio.Event()
        self.is_committed = False

    async def go(self, begin: Begin) -> None:
        try:
            async with begin(waits=False) as tx:
                self._let_in()
                while self._inside:
                    await self._all_have_asked.wait()
                    await self._answer(tx)
                self._refuse_spoilt()
            self.is_committed = True
        except Exception as error:  # noqa: BLE001 (whose it is meets it again, alone)
            because = type(error.__cause__ or error).__name__
            log.info("group.dissolved", members=len(self._places), because=because)
        finally:
            self._send_away()

    async def ask(self, question: _Question) -> Any:  # noqa: ANN401 (whatever was asked)
        self._refuse_spoilt()
        self._asked.append(question)
        self._look_round()
        return await question.answer

    def leave(self, spoilt_by: BaseException | None = None) -> None:
        self._spoilt = self._spoilt or spoilt_by
        self._inside -= 1
        self._look_round()

    def _let_in(self) -> None:
        here = [place for place in self._places if not place.entered.done()]
        self._inside = len(here)
        for place in here:
            place.entered.set_result(_Shared(self))

    def _look_round(self) -> None:
        if self._spoilt or len(self._asked) >= self._inside:
            self._all_have_asked.set()

    def _refuse_spoilt(self) -> None:
        if self._spoilt:
            raise Apart from self._spoilt

    def _send_away(self) -> None:
        """Those who wait still, when it is over for all."""
        if not self.is_committed:
            self._spoilt = self._spoilt or Apart()
        for waiting in (*(place.entered for place in self._places), *(one.answer for one in self._asked)):
            if not waiting.done():
                waiting.set_exception(Apart())
        self.over.set()

    async def _answer(self, tx: Transaction) -> None:
        self._refuse_spoilt()
        self._all_have_asked.clear()
        alike: defaultdict[tuple[str, str], list[_Question]] = defaultdict(list)
        for question in self._asked:
            alike[question.method, question.statement].append(question)
        answered: list[tuple[_Question, object]] = []
        for (method, statement), questions in alike.items():
            answers = await _answers(tx, method, statement, questions)
            answered += zip(questions, answers, strict=True)
        # All at once: whoever is answered asks again, and must not meet what is still being asked.
        self._asked.clear()
        for question, answer in answered:
            if not question.answer.done():
                question.answer.set_result(answer)


async def _answers(
    tx: Transaction, method: str, statement: str, questions: list[_Question]
) -> Sequence[object]:
    """In the order of their ids, so that two groups lock what they share in one order."""
    if method != "row_of":
        return [await getattr(tx, method)(statement, *question.values) for question in questions]
    questions.sort(key=lambda question: question.values[0])
    found = await tx.rows_of(statement, [question.values for question in questions])
    return [found.get(question.values[0]) for question in questions]
