"""The same days for many."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.grant_batches import service
from billing_service.grant_batches.queries import listed
from billing_service.grant_batches.schemas import (
    BATCH_ID,
    GrantBatchIn,
    GrantBatchOut,
    RevokeBatchIn,
    RevokedBatchOut,
    batch_out,
    revoked_out,
)
from billing_service.grant_batches.service import Wish
from billing_service.kit.middleware import request_id_of
from billing_service.web.dependencies import Caller, RequiredIdempotencyKey, ServicesDep
from billing_service.web.errors.operators import (
    GrantBatchDiffers,
    GrantBatchNotFound,
    GrantBatchRevoked,
    PlanNotFound,
)
from billing_service.web.errors.requests import IdempotencyKeyRequired, PayloadInvalid
from billing_service.web.responses import EDGES, NO_REASON, answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/internal/v1", tags=["Grants"], route_class=needs("grant"))

NamedBatch = Annotated[UUID, Path(description="The `grant_batch_id` of the batch.", examples=[BATCH_ID])]
NO_KEY = PayloadInvalid({"fields": {"Idempotency-Key": "1 to 255 visible characters"}})


@router.post(
    "/grants/batches/",
    summary="Give many users the same days",
    responses=answers(
        *EDGES, NO_KEY, PlanNotFound, IdempotencyKeyRequired, GrantBatchDiffers, GrantBatchRevoked
    )
    | leads_to(200, "revoke_grant_batch", grant_batch_id="$response.body#/grant_batch_id"),
)
async def give_to_many(
    *,
    body: GrantBatchIn,
    caller: Caller,
    idempotency_key: RequiredIdempotencyKey,
    services: ServicesDep,
    request: Request,
) -> GrantBatchOut:
    """The `Idempotency-Key` is the name of the batch, by which people find it: the same is the same batch. Interrupted,
    repeat it: nobody gets his days twice. A dry run writes nothing."""
    wish = Wish(idempotency_key, listed(body.user_ids), body.plan_code, body.days)
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    if body.dry_run:
        seen = await service.look(services, wish, deed)
        return batch_out(wish, seen.batch, seen.members, dry_run=True)
    batch = await service.begin(services, wish, deed)
    async for _ in service.give(services, batch, deed):
        pass
    return batch_out(wish, batch, await service.list_members(services, batch.id), dry_run=False)


@router.post(
    "/grants/batches/{grant_batch_id}/revoke/",
    summary="Take the days of a batch back",
    responses=answers(*EDGES, NO_REASON, GrantBatchNotFound),
    openapi_extra=SAFE_TO_REPEAT,
)
async def revoke_grant_batch(
    *,
    grant_batch_id: NamedBatch,
    body: RevokeBatchIn,
    caller: Caller,
    services: ServicesDep,
    request: Request,
) -> RevokedBatchOut:
    """What is left of every grant ends now. A second time takes nothing, and answers what was taken."""
    batch = await service.get(services, grant_batch_id)
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    async for _ in service.revoke(services, batch, deed):
        pass
    return revoked_out(batch, await service.list_taken(services, batch.id))
