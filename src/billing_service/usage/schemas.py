"""How a user's day looks on the wire."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from billing_service.audit.schemas import Author, Reason
from billing_service.kit.wire import UtcTime
from billing_service.usage.today import PHOTOS

# Two of them, so that whoever executes the API page's examples one by one does not consume what they reserve.
CONSUMED, RESERVED = "photo-51c0a9d2", "photo-7d2f6a3e"
OPERATION_ID = r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}$"
OperationId = Annotated[str, StringConstraints(pattern=OPERATION_ID, strict=True)]
Amount = Annotated[int, Field(ge=1, le=100, strict=True, description="How many photos, or of the `feature`.")]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FEATURE = r"^[a-z][a-z0-9_]{0,39}$"
Feature = Annotated[
    str,
    StringConstraints(pattern=FEATURE, strict=True),
    Field(description="What is used: `photo_ai`, or what the plans' `daily_limits` name."),
]


def _written_day(value: object) -> object:
    if isinstance(value, str) and DAY.fullmatch(value):
        return value
    raise ValueError("a day is written like 2026-11-27")


Day = Annotated[date, BeforeValidator(_written_day)]
Ttl = Annotated[int, Field(ge=1, le=3600, strict=True, description="When the hold frees itself.")]


class _Unchanging(BaseModel):
    """What a request without a body means: one object for all of them, which the framework would copy for each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self


class ConsumeIn(_Unchanging):
    model_config = ConfigDict(json_schema_extra={"example": {"amount": 1, "operation_id": CONSUMED}})

    amount: Amount = 1
    operation_id: OperationId | None = Field(None, description="Makes a repeat safe: it counts nothing more.")
    feature: Feature = PHOTOS
    decided_on: Day | None = Field(
        None,
        description="The day, in our time zone, on which the caller let it through because we could not be asked: it "
        "counts there, and is not refused. Today or one of the seven days before; needs an `operation_id`.",
    )

    @model_validator(mode="after")
    def _is_reported_once(self) -> Self:
        if self.decided_on is not None and self.operation_id is None:
            raise ValueError("what was decided elsewhere needs an operation_id")
        return self


class ReserveIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"operation_id": RESERVED, "amount": 1, "ttl_seconds": 300}},
    )

    operation_id: OperationId
    amount: Amount = 1
    ttl_seconds: Ttl = 300
    feature: Feature = PHOTOS


class CommitIn(_Unchanging):
    model_config = ConfigDict(json_schema_extra={"example": {}})

    amount: Amount | None = Field(
        None, description="How many count; all that was reserved, if nothing is said."
    )


class ExtendIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ttl_seconds": 300}})

    ttl_seconds: Ttl


class ResetIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"author": "support", "reason": "жалоба 4711"}},
    )

    author: Author
    reason: Reason
    feature: Feature = PHOTOS


TODAY: dict[str, JsonValue] = {
    "allowed": True,
    "feature": PHOTOS,
    "plan_code": "FREE",
    "daily_limit": 3,
    "used_today": 1,
    "held": 1,
    "remaining_today": 1,
    "resets_at": "2026-11-21T21:00:00Z",
}


class UsageOut(BaseModel):
    """Today's figures of a feature; null limits mean unlimited. `remaining_today` is what may still be started now."""

    model_config = ConfigDict(json_schema_extra={"example": TODAY})

    allowed: bool
    feature: str
    plan_code: str
    daily_limit: int | None
    used_today: int
    held: int
    remaining_today: int | None
    resets_at: UtcTime


class ExtendedOut(UsageOut):
    """Today's figures, and until when the operation holds its place."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**TODAY, "held_until": "2026-11-21T18:09:11.482000Z"}}
    )

    held_until: UtcTime


class OperationOut(BaseModel):
    """What was admitted today, and what became of it. All `counts` add up to `used_today`, what is `held` to `held`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "operation_id": RESERVED,
                "state": "counted",
                "asked": 2,
                "amount": 1,
                "counts": 1,
                "began_at": "2026-11-21T18:04:11.482000Z",
                "held_until": "2026-11-21T18:09:11.482000Z",
                "ended_at": "2026-11-21T18:04:39.120000Z",
            }
        }
    )

    operation_id: Annotated[str | None, Field(description="Null if whoever counted it named none.")]
    state: Annotated[
        Literal["held", "counted", "released", "expired", "reset", "not_listed"],
        Field(
            description="`reset`: an operator set back what was counted, see the audit log. `not_listed`: one sum of "
            "what is earlier than the 500 newest, or was counted before operations were written down."
        ),
    ]
    asked: Annotated[int, Field(description="How many were asked for at first.")]
    amount: Annotated[int, Field(description="How many it is about in the end.")]
    counts: Annotated[int, Field(description="How many of them are in `used_today`; below 0 for a reset.")]
    began_at: UtcTime | None
    held_until: Annotated[UtcTime | None, Field(description="Null if it was counted at once.")]
    ended_at: Annotated[UtcTime | None, Field(description="When it was counted, released or set back.")]


class UsageOfDayOut(UsageOut):
    """Today's figures; with `explain=true` also the operations that make them, the oldest first."""

    model_config = ConfigDict(json_schema_extra={"example": {**TODAY, "operations": None}})

    operations: list[OperationOut] | None


class MeOut(BaseModel):
    """The plan in force and what is left of today; null limits mean unlimited."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan_code": "PRO_MONTHLY",
                "plan_name": "PRO месяц",
                "expires_at": "2026-12-21T18:04:11.482000Z",
                "is_active": True,
                "daily_photo_limit": None,
                "used_today": 4,
                "remaining_today": None,
                "test_live_payment_available": False,
                "resets_at": "2026-11-21T21:00:00Z",
            }
        }
    )

    plan_code: str
    plan_name: str
    expires_at: UtcTime | None
    is_active: bool
    daily_photo_limit: int | None
    used_today: int
    remaining_today: int | None
    test_live_payment_available: bool
    resets_at: UtcTime
