"""A user becomes another number."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.kit.middleware import request_id_of
from billing_service.user_moves import service
from billing_service.user_moves.schemas import MoveIn, MoveOut, move_out
from billing_service.web.dependencies import MAX_BIGINT, Caller, ServicesDep
from billing_service.web.errors.operators import MoveRefused
from billing_service.web.errors.requests import UserMoved
from billing_service.web.responses import EDGES, NO_REASON, answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/internal/v1", tags=["Users"], route_class=needs("admin"))

# Not the user of all the other examples: who tries them in turn would find him gone.
OldNumber = Annotated[int, Path(ge=1, le=MAX_BIGINT, description="Who he was until now.", examples=[4711])]
NewNumber = Annotated[int, Path(ge=1, le=MAX_BIGINT, description="Who he is from now on.", examples=[1001])]


@router.post(
    "/users/{user_id}/move-to/{to_user_id}/",
    summary="Move everything of a user to another number",
    responses=answers(*EDGES, NO_REASON, MoveRefused, UserMoved),
    openapi_extra=SAFE_TO_REPEAT,
)
async def move_user(
    *,
    user_id: OldNumber,
    to_user_id: NewNumber,
    body: MoveIn,
    caller: Caller,
    services: ServicesDep,
    request: Request,
) -> MoveOut:
    """Days, payments, the saved card and what was agreed to, today's usage: all or nothing, and no day is lost or
    doubled, also if the other user has days of his own. Nothing is done under the old number any more: it is on FREE,
    and what would write under it answers `USER_MOVED`. What YooKassa reports later is settled under the new one. A
    repeat answers the same; moving back moves everything back."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return move_out(await service.move(services, user_id, to_user_id, deed))
