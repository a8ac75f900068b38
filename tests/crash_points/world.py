"""Who plays in a flow: as before a process dies, in it, and afterwards."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from billing_service.kit.http import httpx
from billing_service.provider_calls.asking import enqueue_due
from billing_service.worker import KINDS
from tests.events.receiver import Receiver, deliver
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.stage import USER, work_off

Facts = Mapping[str, Any]
DEED = {"author": "support", "reason": "сбой 4711"}


@dataclass
class World(Renewals):
    """`facts` is what the stage left for the act: plain values, for they cross over to another process."""

    facts: dict[str, Any] = field(default_factory=dict)
    receiver: Receiver | None = None

    async def notified(self) -> None:
        """The provider says again what it said of every object: whoever of us is there takes it in."""
        for body in self.facts["notifications"]:
            answer = await self.api.notify(body)
            assert answer.status_code == 200, answer.text

    async def jobs(self) -> None:
        await work_off(self.services)

    async def asks(self) -> None:
        """What is due to be asked of the provider is asked."""
        for kind in KINDS:
            await enqueue_due(self.services, kind)
        await self.jobs()

    async def deliver(self) -> None:
        await deliver(self.services)

    async def say(
        self, method: str, path: str, body: object = None, *, ok: tuple[int, ...] = (200, 201), **headers: str
    ) -> Any:  # noqa: ANN401 (JSON)
        """An operator, or the main backend, calls `/internal/v1`."""
        return _json(await self.api.internal(method, path, body, **headers), ok)

    async def ask(
        self, method: str, path: str, body: object = None, *, ok: tuple[int, ...] = (200, 201), **headers: str
    ) -> Any:  # noqa: ANN401
        """The payer calls, through the main backend."""
        named = {"X-User-Id": str(USER)} | {name.replace("_", "-"): said for name, said in headers.items()}
        answer = await self.api.http.request(method, f"/api/v1/billing/{path}", json=body, headers=named)
        return _json(answer, ok)

    async def know(self, name: str, sql: str) -> None:
        self.facts[name] = str(await value(self.database, sql))

    async def keep_notifications(self) -> None:
        """What the provider has told, kept so that it can be told by hand."""
        told = (await self.office.call("GET", "/notifications?limit=100"))["results"]
        self.facts["notifications"] = [one["body"] for one in reversed(told)]


class NotNow(Exception):
    """Nobody knows yet what became of it; whoever asks is told to ask again."""


class Refused(AssertionError):
    """It was answered otherwise than was asked for."""


def _json(answer: httpx.Response, ok: tuple[int, ...]) -> Any:  # noqa: ANN401
    if answer.status_code == 503 and 503 not in ok:
        raise NotNow(answer.text)
    if answer.status_code not in ok:
        raise Refused(answer.text)
    return answer.json() if answer.content else None


Play = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Flow:
    """`stage` brings everybody so far, `act` is where a process dies, at each point of it; whoever called calls again.

    `ends` is what of the books has to be there in the end, by the names of `comeback.BOOKS`. The same play in a world
    in which nobody dies says the rest: everything has to end as it does there, but for the books in `grows`, in which
    each repeat is written down. `later`: after so many hours somebody goes on, too.
    """

    name: str
    stage: Play
    act: Play
    ends: Mapping[str, Any]
    grows: frozenset[str] = frozenset()
    later: tuple[float, ...] = (30,)
