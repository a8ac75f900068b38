"""How a user's day looks on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from billing_service.audit.schemas import Author, Reason
from billing_service.kit.wire import UtcTime

# Two of them, so that whoever executes the API page's examples one by one does not consume what they reserve.
CONSUMED, RESERVED = "photo-51c0a9d2", "photo-7d2f6a3e"
OPERATION_ID = r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}$"
OperationId = Annotated[str, StringConstraints(pattern=OPERATION_ID, strict=True)]
Amount = Annotated[int, Field(ge=1, le=100, strict=True, description="How many photos.")]


class ConsumeIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"amount": 1, "operation_id": CONSUMED}}
    )

    amount: Amount = 1
    operation_id: OperationId | None = Field(None, description="Makes a repeat safe: it counts nothing more.")


class ReserveIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"operation_id": RESERVED, "amount": 1, "ttl_seconds": 300}},
    )

    operation_id: OperationId
    amount: Amount = 1
    ttl_seconds: Annotated[
        int, Field(ge=1, le=3600, strict=True, description="When the hold frees itself.")
    ] = 300


class ResetIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"author": "support", "reason": "жалоба 4711"}},
    )

    author: Author
    reason: Reason


class UsageOut(BaseModel):
    """Today's figures; null limits mean unlimited. `remaining_today` is what may still be started now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "allowed": True,
                "plan_code": "FREE",
                "daily_limit": 3,
                "used_today": 1,
                "held": 1,
                "remaining_today": 1,
                "resets_at": "2026-11-21T21:00:00Z",
            }
        }
    )

    allowed: bool
    plan_code: str
    daily_limit: int | None
    used_today: int
    held: int
    remaining_today: int | None
    resets_at: UtcTime


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
