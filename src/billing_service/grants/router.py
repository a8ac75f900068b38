"""Days by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.grants import service
from billing_service.grants.schemas import (
    GRANT_ID,
    GrantIn,
    GrantOut,
    PeriodListOut,
    RevokeIn,
    grant_out,
    lying_out,
)
from billing_service.grants.service import Gift
from billing_service.kit.middleware import request_id_of
from billing_service.web.dependencies import Caller, NamedUser, RequiredIdempotencyKey, ServicesDep
from billing_service.web.errors.operators import GrantNotFound, PlanNotFound
from billing_service.web.errors.requests import (
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    PayloadInvalid,
    UserMoved,
)
from billing_service.web.responses import EDGES, NO_REASON, answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/internal/v1", tags=["Grants"], route_class=needs("grant"))

NamedGrant = Annotated[UUID, Path(description="The `grant_id` of the grant.", examples=[GRANT_ID])]
NO_KEY = PayloadInvalid({"fields": {"Idempotency-Key": "1 to 255 visible characters"}})
NO_USER = PayloadInvalid({"fields": {"user_id": "Input should be greater than or equal to 1"}})


@router.post(
    "/users/{user_id}/grants/",
    status_code=201,
    summary="Give a user days",
    responses=answers(*EDGES, NO_KEY, PlanNotFound, IdempotencyKeyRequired, IdempotencyKeyReused, UserMoved)
    | leads_to(201, "revoke_grant", grant_id="$response.body#/grant_id"),
)
async def create_grant(
    *,
    user_id: NamedUser,
    body: GrantIn,
    caller: Caller,
    idempotency_key: RequiredIdempotencyKey,
    services: ServicesDep,
    request: Request,
) -> GrantOut:
    """They lie behind everything the user has. A repeat with the same `Idempotency-Key` answers the same grant."""
    gift = Gift(user_id, body.plan_code, body.days, idempotency_key)
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return grant_out(await service.grant(services, gift, deed))


@router.get("/users/{user_id}/periods/", summary="Every span of access", responses=answers(*EDGES, NO_USER))
async def list_periods(user_id: NamedUser, services: ServicesDep) -> PeriodListOut:
    """What gave it, where it lies now, and what took of it; a user we have never seen has none."""
    return PeriodListOut(
        results=[lying_out(lying) for lying in await service.list_periods(services, user_id)]
    )


@router.post(
    "/grants/{grant_id}/revoke/",
    summary="Take a grant back",
    responses=answers(*EDGES, NO_REASON, GrantNotFound),
    openapi_extra=SAFE_TO_REPEAT,
)
async def revoke_grant(
    *, grant_id: NamedGrant, body: RevokeIn, caller: Caller, services: ServicesDep, request: Request
) -> GrantOut:
    """What is left of it ends now, and later periods move up. A second time changes nothing."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return grant_out(await service.revoke(services, grant_id, deed))
