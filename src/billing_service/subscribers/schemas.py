"""How the walk over subscribers looks on the wire. It is not validated again; tests hold it to its shape."""

from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.kit.transaction import Row
from billing_service.kit.wire import UtcTime
from billing_service.subscribers.service import Page

SHOWN: dict[str, JsonValue] = {
    "user_id": 1001,
    "has_access": True,
    "plan": "PRO_MONTHLY",
    "access_until": "2026-12-21T18:04:11.482000Z",
    "cause": "payment",
    "history_days": 180,
    "daily_photo_limit": None,
    "daily_limits": {},
    "ai_recognition": True,
    "advanced_stats": True,
    "priority_support": True,
    "as_of": "2026-11-27T09:00:00.482000Z",
}
FIELDS = tuple(SHOWN)


class SubscriberOut(BaseModel):
    """`plan` is in force at `as_of`, and what it allows stands beside it: -1 days of history are all of it, a limit of
    null is none, `daily_limits` are those of other features than photos. Whose access has ended is on FREE;
    `access_until` is then when it ended, and `cause` is null."""

    user_id: int
    has_access: bool
    plan: str
    access_until: UtcTime
    cause: Literal["payment", "grant", "import"] | None
    history_days: int
    daily_photo_limit: int | None
    daily_limits: dict[str, int | None]
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    as_of: UtcTime


class SubscriberListOut(BaseModel):
    """In the order of their ids. `next_cursor` is what to ask `after` next, null at the end of the walk: a page that is
    short, or empty, need not be the last."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [SHOWN], "next_cursor": 1001}})

    results: list[SubscriberOut]
    next_cursor: int | None = Field(description="Null once the walk is at its end.")


def page_out(page: Page) -> dict[str, Any]:
    return {"results": [_subscriber_out(row) for row in page.rows], "next_cursor": page.next_after}


def _subscriber_out(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in FIELDS} | {"daily_limits": orjson.loads(row["daily_limits"])}
