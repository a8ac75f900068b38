"""What an event looks like on the wire, the same when it is sent and in the feed; and its JSON Schema, kind by kind."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, create_model

from billing_service.events.kinds import KINDS, SCHEMA, Described, State
from billing_service.kit.transaction import Row
from billing_service.kit.wire import UtcTime, utc_text


class Envelope(Described):
    """What every event says of itself.

    The same `id` may arrive more than once. `feed_no` counts all events without a gap, `user_seq` those of one user in
    the order in which they happened. `schema` is the version of this shape.
    """

    id: UUID
    type: str
    schema_: int = Field(alias="schema")
    occurred_at: UtcTime
    feed_no: int
    user_seq: int


def _model(kind: str) -> type[BaseModel]:
    known = KINDS[kind]
    of_user: dict[str, Any] = {"user_id": (int if known.of_user else None, ...)}
    state: dict[str, Any] = {"state": (State, ...)} if known.with_state else {}
    name = "".join(word.capitalize() for word in kind.replace(".", "_").split("_")) + "Event"
    return create_model(
        name,
        __base__=Envelope,
        __doc__=f"{known.title}.",
        type=(Literal[kind], ...),  # type: ignore[arg-type]  # known when it runs
        data=(known.data, ...),
        **of_user,
        **state,
    )


MODELS: Mapping[str, type[BaseModel]] = {kind: _model(kind) for kind in KINDS}


def payload(row: Row) -> dict[str, Any]:
    """An event as it is sent, from its row; `state` only where it has one."""
    state = {} if row["state"] is None else {"state": orjson.loads(row["state"])}
    return {
        "id": str(row["id"]),
        "type": row["kind"],
        "schema": SCHEMA,
        "occurred_at": utc_text(row["occurred_at"]),
        "feed_no": row["feed_no"],
        "user_seq": row["user_seq"],
        "user_id": row["user_id"],
        "data": orjson.loads(row["data"]),
        **state,
    }
