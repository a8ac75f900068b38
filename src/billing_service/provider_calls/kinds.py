"""What differs between the things we ask of YooKassa: one row of facts for each; the machinery reads nothing else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from structlog.contextvars import bound_contextvars

from billing_service.config import Settings
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.intents import Intent
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.errors import Rejected
from billing_service.yookassa.schemas import Unreadable


class Reported(Protocol):
    """An object of the provider's. `id` is the provider's, or what stands for it where it is a secret."""

    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=Intent)
Seen = TypeVar("Seen", bound=Reported)


class NotOurs(Exception):
    """It belongs to another system in the same shop, as we know without asking."""


class UnmatchedObject(Exception):
    """The object bears our mark, but fits no row of ours."""


class StrangeMark(UnmatchedObject):
    """It bears our mark, but what it names can be no row of ours, now or ever."""


@dataclass(frozen=True)
class Settlement(Generic[Row]):
    """What came of a report, and our row as it is now. `refused_because` names what contradicts it: nothing changed.

    `instead` is the intent that takes the place of one that was refused; it is sent at once.
    """

    row: Row
    changed: bool
    refused_because: tuple[str, ...] = ()
    instead: UUID | None = None


@dataclass(frozen=True)
class Kind(Generic[Row, Seen]):
    """One thing that we ask of the provider.

    `name` is its word in jobs, logs and alarms; `table` holds its intents, `provider_id` is the column of the
    provider's id or of what stands for it, `open` the states whose outcome is still to come. `repeat_for` is how long
    after the first sending the same request may be posted again: the provider remembers a key for 24 h, later it would
    be a new operation.

    `lock` takes the user's money, then the row; it raises `Busy` where the transaction may not wait for them.
    `with_sending` only reads it, and whether somebody is sending it now. `settle` applies a report under that lock;
    safe to repeat. `refuse` ends a locked row that the provider refused or, without an error, never had. `get` raises
    `NotOurs` for what is known to be another system's; of what has no list, `list_created` is empty. `named_by` is
    our id that an object bears in its metadata; `find` answers our row for it (perhaps the one that had it when it was
    asked about), None if it is foreign, and raises `UnmatchedObject`; `on_unmatched` is what is done about those.
    `is_known` says that settling would bring nothing new. `follow_up` is what a settlement asks of the provider next,
    outside a transaction. `may_send` says under the lock whether a row may still be posted again. `keep` is `settle` in
    one statement, for the usual answer to a row that was just made, and answers None for every other one. `walk_from`
    is the SQL of the instant at which the very first walk begins.
    """

    name: str
    table: str
    provider_id: str
    open: tuple[str, ...]
    repeat_for: timedelta
    post: Callable[[Services, bytes, str], Awaitable[Seen]]
    get: Callable[[Services, str], Awaitable[Seen]]
    list_created: Callable[[YookassaClient, datetime, datetime], AsyncIterator[Seen | Unreadable]]
    named_by: Callable[[Seen], str | None]
    lock: Callable[[Transaction, UUID], Awaitable[Row]]
    with_sending: Callable[[Transaction, UUID], Awaitable[tuple[Row, bool]]]
    settle: Callable[[Transaction, Settings, UUID, Seen], Awaitable[Settlement[Row]]]
    refuse: Callable[[Transaction, Settings, Row, Rejected | None], Awaitable[Settlement[Row]]]
    find: Callable[[Transaction, Seen, UUID | None], Awaitable[UUID | None]]
    is_known: Callable[[Transaction, UUID, Seen], Awaitable[bool]]
    on_unmatched: Callable[[Transaction, Seen], Awaitable[None]]
    walk_from: str
    follow_up: Callable[[Services, Settlement[Row], Seen], Awaitable[Settlement[Row]]]
    may_send: Callable[[Transaction, Settings, Row], Awaitable[bool]] | None = None
    keep: Callable[[Services, Row, Seen], Awaitable[Settlement[Row] | None]] | None = None

    def about(self, intent_id: UUID | None, provider_id: str | None = None) -> AbstractContextManager[None]:
        """Each line inside the block names the intent: by our id, and by the provider's once it is known."""
        ids = {f"{self.name}_id": intent_id, self.provider_id: provider_id}
        return bound_contextvars(**{name: known for name, known in ids.items() if known is not None})

    def event(self, word: str) -> str:
        """The name of a log line."""
        return f"{self.name}.{word}"

    @property
    def ask_job(self) -> str:
        return f"{self.name}.ask"

    @property
    def walk_job(self) -> str:
        return f"{self.table}.walk"


async def record(services: Services, kind: Kind[Row, Seen], intent_id: UUID, seen: Seen) -> Settlement[Row]:
    """Apply what the provider reported, and nothing more. Safe to repeat and to run in parallel."""
    return await services.statements.turns.take_or_queue(
        lambda tx: kind.settle(tx, services.settings, intent_id, seen)
    )


async def settle(services: Services, kind: Kind[Row, Seen], intent_id: UUID, seen: Seen) -> Settlement[Row]:
    """Apply what the provider reported, then ask of it what follows. As safe to repeat as `record`.

    Raises the client's errors when what follows could not be done; the report itself is settled then.
    """
    return await kind.follow_up(services, await record(services, kind, intent_id, seen), seen)
