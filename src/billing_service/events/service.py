"""Tell the main backend: write an event down in the transaction of its fact."""

from collections.abc import Mapping
from uuid import UUID

from billing_service.events import queries
from billing_service.events.kinds import KINDS
from billing_service.kit.transaction import Transaction


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
