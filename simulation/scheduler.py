"""One task at a time, by the dice of a seed; the clock that moves with it is the loop's (`loop`).

A statement for PostgreSQL waits for its turn before it is sent, and its answer waits for a turn before it is read. Only
one of those who wait is let go at a time, and only when nobody else runs: neither the machine's speed nor the network
decides what comes first. Who waits for a lock in PostgreSQL is recognized as such (`Control.blocked`), and the others
go on.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Killed(asyncio.CancelledError):
    """The process in which this ran is gone: nothing of it is done any more, whatever it would do in such a case."""


class Locks(Protocol):
    """Who can tell which of these backends wait for a lock."""

    def blocked(self, backends: list[int]) -> set[int]: ...


@dataclass(eq=False)
class Process:
    """What dies together: its tasks, in the order in which they began. After `doomed_in` turns it is killed."""

    name: str
    tasks: dict["asyncio.Task[Any]", None] = field(default_factory=dict)
    backends: list[int] = field(default_factory=list)
    is_dead: bool = False
    doomed_in: int | None = None
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, work: Awaitable[T]) -> "asyncio.Task[T]":
        """Let this run inside the process."""
        context = contextvars.copy_context()
        context.run(RUNNING_IN.set, self)

        async def run() -> T:
            return await work

        return asyncio.get_running_loop().create_task(run(), context=context)

    def die(self) -> None:
        """At once, wherever its tasks are."""
        self.is_dead = True
        for task in self.tasks:
            task.cancel()
        self.died.set()


RUNNING_IN: contextvars.ContextVar[Process | None] = contextvars.ContextVar("running_in", default=None)


@dataclass(eq=False)
class _Turn:
    """A place in the queue: for a statement that is to be sent, or for an answer that is there."""

    number: int
    process: Process | None
    may_go: "asyncio.Future[None]"
    backend: int | None = None
    is_blocked: bool = False


class Turns:
    """Who waits for a turn, whose statement is on its way, and whose turn it is."""

    def __init__(self, dice: Random, locks: Locks) -> None:
        self._dice, self._locks = dice, locks
        self._waiting: dict[int, _Turn] = {}
        self._sent: dict[int, _Turn] = {}
        self._number = 0
        self.taken = 0

    async def statement(self, backend: int | None, send: Callable[[], Awaitable[T]]) -> T:
        """Send it when it is its turn, and read its answer when it is that one's."""
        process = RUNNING_IN.get()
        _refuse_dead(process)
        await self._wait(self._turn(process))
        _refuse_dead(process)
        turn = self._turn(process, backend)
        sending = asyncio.get_running_loop().create_task(_finish(send), context=contextvars.Context())
        self._sent[turn.number] = turn
        sending.add_done_callback(lambda _: self._answered(turn))
        try:
            await turn.may_go
        except asyncio.CancelledError:
            # The driver's own way to give up a statement asks the server beside it, and the answer comes when it likes.
            self._waiting.pop(turn.number, None)
            while not sending.done():
                try:
                    await asyncio.wait({sending})
                except asyncio.CancelledError:
                    continue
            self._waiting.pop(turn.number, None)
            raise
        _refuse_dead(process)
        answer: T = sending.result().get()
        return answer

    def _turn(self, process: Process | None, backend: int | None = None) -> _Turn:
        self._number += 1
        return _Turn(self._number, process, asyncio.get_running_loop().create_future(), backend)

    async def _wait(self, turn: _Turn) -> None:
        self._waiting[turn.number] = turn
        try:
            await turn.may_go
        finally:
            self._waiting.pop(turn.number, None)

    def _answered(self, turn: _Turn) -> None:
        self._sent.pop(turn.number, None)
        self._waiting[turn.number] = turn
        for other in self._sent.values():
            other.is_blocked = False

    def are_sent(self) -> bool:
        """Whether any statement is on its way; otherwise nothing can come from outside."""
        return bool(self._sent)

    def unanswered(self) -> bool:
        """Whether a statement is on its way that is not known to wait for a lock."""
        return any(not turn.is_blocked for turn in self._sent.values())

    def find_blocked(self) -> None:
        asked = {turn.backend: turn for turn in self._sent.values() if turn.backend and not turn.is_blocked}
        for backend in self._locks.blocked(list(asked)) if asked else ():
            asked[backend].is_blocked = True

    def give(self) -> bool:
        """Let one of those who wait go on, or kill the process for which it is time; False if nobody waits."""
        if not self._waiting:
            return False
        self.taken += 1
        numbers = sorted(self._waiting)
        turn = self._waiting.pop(self._dice.choice(numbers) if len(numbers) > 1 else numbers[0])
        process = turn.process
        if process is not None and process.doomed_in is not None and not process.is_dead:
            process.doomed_in -= 1
            if process.doomed_in < 0:
                process.doomed_in = None
                process.die()
                return True
        if not turn.may_go.done():
            turn.may_go.set_result(None)
        return True


@dataclass(frozen=True)
class _Result:
    value: Any = None
    error: BaseException | None = None

    def get(self) -> Any:  # noqa: ANN401 (whatever the statement answers)
        if self.error is not None:
            raise self.error
        return self.value


async def _finish(send: Callable[[], Awaitable[Any]]) -> _Result:
    try:
        return _Result(await send())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (it is raised where the answer is read, if anybody does)
        return _Result(error=error)


def _refuse_dead(process: Process | None) -> None:
    if process is not None and process.is_dead:
        raise Killed(f"{process.name} was killed")
