"""How a move looks on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from billing_service.audit.schemas import Author, Reason
from billing_service.kit.wire import UtcTime
from billing_service.user_moves.queries import PERIODS, STATEMENTS, Known


class MoveIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"author": "support", "reason": "вошёл через другой аккаунт"}},
    )

    author: Author
    reason: Reason


class MoveOut(BaseModel):
    """When it was done, and what went along; a repeat answers the same."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_user_id": 4711,
                "to_user_id": 1001,
                "moved_at": "2026-11-27T22:04:11.482000Z",
                "moved": {PERIODS: 1, **dict.fromkeys(STATEMENTS, 0), "payments": 1, "consents": 1},
            }
        }
    )

    from_user_id: int
    to_user_id: int
    moved_at: UtcTime
    moved: Annotated[dict[str, int], Field(description="How many rows of each table went along.")]


def move_out(known: Known) -> MoveOut:
    return MoveOut(
        from_user_id=known.from_user_id,
        to_user_id=known.to_user_id,
        moved_at=known.moved_at,
        moved=dict(known.moved),
    )
