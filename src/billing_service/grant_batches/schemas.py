"""How batches look on the wire."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.audit.schemas import Author, Reason
from billing_service.grant_batches.queries import Batch, Member, Taken
from billing_service.grant_batches.service import Wish
from billing_service.kit.wire import UtcTime

BATCH_ID = "7d0a4f7e-3c57-4a0c-9a5e-2a1f0c6b9e31"
GRANT_ID = "0b6e1f0a-6c0e-4d7b-9a55-2f6a3b0f9f11"
MOST = 500
TERMS: dict[str, JsonValue] = {"plan_code": "PRO_MONTHLY", "days": 2}
WHO: dict[str, JsonValue] = {"author": "support", "reason": "сбой 26 ноября"}
GIVEN: dict[str, JsonValue] = {
    "grant_batch_id": BATCH_ID,
    "name": "outage-2026-11-26",
    **TERMS,
    "dry_run": False,
    "results": [
        {"user_id": 1001, "access_until": "2026-12-29T18:04:11.482000Z", "grant_id": GRANT_ID},
        {
            "user_id": 1002,
            "access_until": "2026-11-29T18:04:11.482000Z",
            "grant_id": "1c7f2a1b-7d1f-4e8c-8b66-3a7b4c1e0a22",
        },
    ],
}
TAKEN: dict[str, JsonValue] = {
    "grant_batch_id": BATCH_ID,
    "name": "outage-2026-11-26",
    "results": [{"user_id": 1001, "grant_id": GRANT_ID, "seconds_taken": 172800}],
}


class GrantBatchIn(BaseModel):
    """The same days for these users. `dry_run` answers whom it would have, and gives nothing."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"user_ids": [1001, 1002], **TERMS, **WHO}}
    )

    user_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]],
        Field(min_length=1, max_length=MOST, description="Each counts once."),
    ]
    plan_code: str
    days: Annotated[int, Field(ge=1, le=3660, strict=True, description="Of 24 hours each.")]
    author: Author
    reason: Reason
    dry_run: Annotated[bool, Field(strict=True)] = False


class RevokeBatchIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"author": "support", "reason": "по ошибке"}}
    )

    author: Author
    reason: Reason


class BatchMemberOut(BaseModel):
    """`access_until` is when PRO ends or has ended, null if there never was any; `grant_id` is null before the days."""

    user_id: int
    access_until: UtcTime | None
    grant_id: UUID | None


class GrantBatchOut(BaseModel):
    """By user. `grant_batch_id` is null in a dry run of what has not begun."""

    model_config = ConfigDict(json_schema_extra={"example": GIVEN})

    grant_batch_id: UUID | None
    name: str
    plan_code: str
    days: int
    dry_run: bool
    results: list[BatchMemberOut]


class TakenOut(BaseModel):
    """What was left of a grant, and is gone; 0 if all of it was used."""

    user_id: int
    grant_id: UUID
    seconds_taken: int


class RevokedBatchOut(BaseModel):
    """By user; who had no days yet gets none any more."""

    model_config = ConfigDict(json_schema_extra={"example": TAKEN})

    grant_batch_id: UUID
    name: str
    results: list[TakenOut]


def batch_out(wish: Wish, batch: Batch | None, members: Sequence[Member], *, dry_run: bool) -> GrantBatchOut:
    return GrantBatchOut(
        grant_batch_id=batch and batch.id,
        name=wish.name,
        plan_code=wish.plan_code,
        days=wish.days,
        dry_run=dry_run,
        results=[
            BatchMemberOut(user_id=one.user_id, access_until=one.ends, grant_id=one.grant_id)
            for one in members
        ],
    )


def revoked_out(batch: Batch, taken: Sequence[Taken]) -> RevokedBatchOut:
    return RevokedBatchOut(
        grant_batch_id=batch.id,
        name=batch.name,
        results=[
            TakenOut(
                user_id=one.user_id,
                grant_id=one.grant_id,
                seconds_taken=0 if one.time is None else round(one.time.total_seconds()),
            )
            for one in taken
        ],
    )
