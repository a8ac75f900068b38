"""The SQL of events. Writing and numbering are SQL functions (outbox_events.sql)."""

from uuid import UUID

from billing_service.kit.transaction import Transaction


async def insert_event(
    tx: Transaction, kind: str, user_id: int | None, data: str, *, with_state: bool, once: str | None
) -> UUID | None:
    """The new event's id; None if one was written under the same name `once` already."""
    event_id: UUID | None = await tx.value(
        "SELECT record_event($1, $2, $3::jsonb, $4, $5)", kind, user_id, data, with_state, once
    )
    return event_id
