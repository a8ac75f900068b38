"""Tell the main backend: write an event down in the transaction of its fact, and what it made of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from billing_service.events import queries
from billing_service.events.kinds import KINDS
from billing_service.events.payloads import payload
from billing_service.kit.transaction import Transaction
from billing_service.services import Services
from billing_service.web.errors.operators import EventNotFound


class Told(BaseModel):
    """What the receiver of an event says of it: by which channel the user heard of it, and when."""

    channel: str
    at: datetime


async def record(
    tx: Transaction, kind: str, user_id: int | None, data: Mapping[str, object], *, once: str | None = None
) -> UUID | None:
    """Write one event down; it leaves once the caller's transaction is committed, and never if it is undone.

    `kind` is a row of `KINDS`, whose schema `data` must fit: pydantic's `ValidationError` otherwise. An event with a
    state carries the user's whole subscription as it is in this transaction, what the caller changed before included;
    the caller holds the user's lock (`subscriptions.service.lock`). `once` names the fact, e.g. a notice's period: a
    second event under this name is not written, so that a repeat is safe; then the answer is None.
    """
    known = KINDS[kind]
    if (user_id is not None) != known.of_user:
        raise ValueError(f"{kind} is {'of a user' if known.of_user else 'of no user'}")
    written = known.data.model_validate(dict(data)).model_dump_json()
    return await queries.insert_event(tx, kind, user_id, written, with_state=known.with_state, once=once)


async def list_since(services: Services, after: int, *, limit: int) -> Sequence[dict[str, Any]]:
    """The events behind this number of the feed, as they are sent."""
    return [payload(row) for row in await queries.list_feed(services.statements, after=after, limit=limit)]


async def get_told(tx: Transaction, event_id: UUID) -> Told | None:
    """What the body of the 2xx to this event said; None while there is none, or if it said nothing of the kind.

    `at` is the receiver's word: it may lie in the future, or before the event.
    """
    answer = await queries.get_answer(tx, event_id)
    return None if answer is None else Told.model_validate_json(answer)


async def replay(services: Services, event_id: UUID) -> None:
    """Send an event once more, as it was, beside the line of its user. Safe to repeat. Raises `EventNotFound`."""
    async with services.statements.transaction() as tx:
        if not await queries.insert_replay(tx, event_id):
            raise EventNotFound


async def replay_all(services: Services, since: datetime, until: datetime) -> int:
    """The same for everything that happened between two instants, the second one excluded; answers how many more."""
    async with services.statements.transaction() as tx:
        return await queries.insert_replays(tx, since, until)
