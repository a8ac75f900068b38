"""How grants look on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.audit.schemas import Author, Reason
from billing_service.grants.queries import Granted, Lying
from billing_service.kit.wire import UtcTime

GRANT_ID = "0b6e1f0a-6c0e-4d7b-9a55-2f6a3b0f9f11"
SHOWN: dict[str, JsonValue] = {
    "grant_id": GRANT_ID,
    "user_id": 1001,
    "plan_code": "PRO_MONTHLY",
    "days": 3,
    "period": {"begins": "2026-12-21T18:04:11.482000Z", "ends": "2026-12-24T18:04:11.482000Z"},
    "author": "support",
    "reason": "сбой 4711",
    "created_at": "2026-11-27T09:00:00Z",
    "revoked_at": None,
}


LIES: dict[str, JsonValue] = {
    "period_id": 17,
    "plan_code": "PRO_MONTHLY",
    "cause": "grant",
    "days": 3,
    "is_test": False,
    "payment_id": None,
    "grant_id": GRANT_ID,
    "author": "support",
    "reason": "сбой 4711",
    "granted_at": "2026-11-27T09:00:00Z",
    "begins": "2026-12-21T18:04:11.482000Z",
    "ends": "2026-12-24T18:04:11.482000Z",
    "cuts": [],
    "used_beside": [],
}
TAKEN: dict[str, JsonValue] = {
    "by": "revocation",
    "id": GRANT_ID,
    "seconds": 86400,
    "at": "2026-12-23T18:04:11.482000Z",
}


class GrantIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"plan_code": "PRO_MONTHLY", "days": 3, "author": "support", "reason": "сбой 4711"}
        },
    )

    plan_code: str
    days: Annotated[int, Field(ge=1, le=3660, strict=True, description="Of 24 hours each.")]
    author: Author
    reason: Reason


class RevokeIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"author": "support", "reason": "по ошибке"}}
    )

    author: Author
    reason: Reason


class PeriodOut(BaseModel):
    """In UTC, `ends` excluded. Both null once nothing is left of it."""

    begins: UtcTime | None
    ends: UtcTime | None


class GrantOut(BaseModel):
    """Days given by hand; `period` is where they lie now."""

    model_config = ConfigDict(json_schema_extra={"example": SHOWN})

    grant_id: UUID
    user_id: int
    plan_code: str
    days: int
    period: PeriodOut
    author: str
    reason: str
    created_at: UtcTime
    revoked_at: UtcTime | None


class CutOut(BaseModel):
    """What was taken off its end. `id` is that of the refund, or of the grant that was revoked."""

    model_config = ConfigDict(json_schema_extra={"example": TAKEN})

    by: Literal["refund", "revocation"]
    id: UUID
    seconds: int
    at: UtcTime


class UsedBesideOut(BaseModel):
    """What of it was used at the same time as another period, before two users became one: used, and not taken back.
    What was unused then lies behind. `move_id` names the move."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"move_id": TAKEN["id"], "seconds": 864000, "at": TAKEN["at"]}}
    )

    move_id: UUID
    seconds: int
    at: UtcTime


class LyingOut(BaseModel):
    """A span of access and what gave it. `begins` and `ends` are null once nothing is left of it."""

    model_config = ConfigDict(json_schema_extra={"example": LIES})

    period_id: int
    plan_code: str
    cause: Literal["payment", "grant", "import"]
    days: Annotated[int, Field(description="As they were given, of 24 hours each.")]
    is_test: Annotated[
        bool, Field(description="Of a test shop: gives access only where nothing live is sold.")
    ]
    payment_id: UUID | None
    grant_id: UUID | None
    author: str | None
    reason: str | None
    granted_at: UtcTime
    begins: UtcTime | None
    ends: UtcTime | None
    cuts: list[CutOut]
    used_beside: list[UsedBesideOut]


class PeriodListOut(BaseModel):
    """In the order in which they were given."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [LIES]}})

    results: list[LyingOut]


AS_THEY_LIE = LyingOut.model_fields.keys() - {"period_id", "cuts", "used_beside"}


def lying_out(lying: Lying) -> LyingOut:
    return LyingOut(
        period_id=lying.id,
        cuts=[CutOut(**cut._asdict()) for cut in lying.cuts],
        used_beside=[
            UsedBesideOut(move_id=one.id, seconds=one.seconds, at=one.at) for one in lying.used_beside
        ],
        **{name: getattr(lying, name) for name in AS_THEY_LIE},
    )


def grant_out(granted: Granted) -> GrantOut:
    return GrantOut(
        grant_id=granted.id,
        user_id=granted.user_id,
        plan_code=granted.plan_code,
        days=granted.days,
        period=PeriodOut(begins=granted.begins, ends=granted.ends),
        author=granted.author,
        reason=granted.reason,
        created_at=granted.created_at,
        revoked_at=granted.revoked_at,
    )
