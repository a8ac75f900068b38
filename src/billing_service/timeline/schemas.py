"""How the timeline looks on the wire. Written as it is, and not validated again; tests hold it to its shape."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.kit.wire import UtcTime
from billing_service.timeline.queries import Place
from billing_service.timeline.sentences import SENTENCES
from billing_service.timeline.service import Timeline, Told
from billing_service.user_states.schemas import STATE, UserStateOut, state_out

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# An instant in microseconds since 1970, the kind of the fact, its id.
CURSOR = r"^[0-9]{1,16}:[a-z_]{1,40}([.][a-z_]{1,40})?:[0-9a-f-]{1,36}$"
AT, GRANT, TAKEN = (
    "1795770000481000:grant.given:17",
    "0b6e1f0a-6c0e-4d7b-9a55-2f6a3b0f9f11",
    "2026-11-27T09:00:00.481000Z",
)
GIVEN: dict[str, JsonValue] = {
    "at": TAKEN,
    "kind": "grant.given",
    "id": "17",
    "text": "27 ноября подарено 3 дня (support: сбой 4711): PRO до 30 ноября.",
    "data": {
        "period_id": 17,
        "grant_id": GRANT,
        "plan": "PRO_MONTHLY",
        "plan_name": "PRO месяц",
        "author": "support",
        "reason": "сбой 4711",
        "days": 3,
        "begins": TAKEN,
        "ends": "2026-11-30T09:00:00.481000Z",
        "seconds_cut": 0,
        "gives_pro": True,
    },
}


class TimelineEntryOut(BaseModel):
    """One fact: `text` is for people, `data` is what it is made of. Days lie, and cuts are, as they are now."""

    at: UtcTime
    kind: Literal[tuple(SENTENCES)]  # type: ignore[valid-type]  # known when it runs
    id: str = Field(description="Of the payment, refund, period, … it is about.")
    text: str
    data: dict[str, Any] = Field(description="By `kind`; times are in UTC, money is a string.")


class NowOut(BaseModel):
    """The user now, and the sentences that explain it."""

    text: str
    state: UserStateOut


class TimelineOut(BaseModel):
    """The newest first. `next_cursor` is what to ask `after` next, null at the end."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "results": [GIVEN],
                "next_cursor": None,
                "now": {
                    "text": "Сейчас PRO нет, и раньше его не было. Сегодня использовано 0 из 3 фото.",
                    "state": STATE,
                },
            }
        }
    )

    results: list[TimelineEntryOut]
    next_cursor: str | None
    now: NowOut


def timeline_out(timeline: Timeline) -> dict[str, Any]:
    return {
        "results": [_entry_out(told) for told in timeline.told],
        "next_cursor": timeline.next_before and cursor_of(timeline.next_before),
        "now": {"text": timeline.now, "state": state_out(timeline.state)},
    }


def _entry_out(told: Told) -> dict[str, Any]:
    at, kind, fact_id = told.place
    return {"at": at, "kind": kind, "id": fact_id, "text": told.text, "data": told.fact.data}


def cursor_of(place: Place) -> str:
    return f"{(place.at - EPOCH) // MICROSECOND}:{place.kind}:{place.id}"


def place_of(cursor: str) -> Place:
    """The place that a cursor of ours names."""
    since_epoch, kind, fact_id = cursor.split(":")
    return Place(EPOCH + int(since_epoch) * MICROSECOND, kind, fact_id)
