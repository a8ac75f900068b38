"""How the feed of events looks on the wire."""

from functools import reduce
from operator import or_
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.events.payloads import MODELS

EVENT_ID = "5f0e2f52-70c4-4f1b-9a57-5b7f2f6f6a10"
EVENT: dict[str, JsonValue] = {
    "id": EVENT_ID,
    "type": "subscription.activated",
    "schema": 1,
    "occurred_at": "2026-11-27T09:00:00.482000Z",
    "feed_no": 4711,
    "user_seq": 1,
    "user_id": 1001,
    "data": {
        "plan": "PRO_MONTHLY",
        "days": 3,
        "cause": "grant",
        "payment_id": None,
        "begins": "2026-11-27T09:00:00.481000Z",
        "ends": "2026-11-30T09:00:00.481000Z",
    },
    "state": {
        "plan": "PRO_MONTHLY",
        "access_until": "2026-11-30T09:00:00.481000Z",
        "auto_renew": False,
        "payment_method": None,
        "spans": [
            {
                "plan": "PRO_MONTHLY",
                "begins": "2026-11-27T09:00:00.481000Z",
                "ends": "2026-11-30T09:00:00.481000Z",
            }
        ],
    },
}
EveryEvent: Any = Annotated[reduce(or_, MODELS.values()), Field(discriminator="type")]


class EventListOut(BaseModel):
    """Events in the order of `feed_no`. `next_cursor` is what to ask `after` next, also when nothing is new."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [EVENT], "next_cursor": 4711}})

    results: list[EveryEvent]
    next_cursor: int


class ReplayOut(BaseModel):
    """It is sent by the next free worker."""

    model_config = ConfigDict(json_schema_extra={"example": {"event_id": EVENT_ID}})

    event_id: UUID
