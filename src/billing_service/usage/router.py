"""The user's plan and what is left of today; using a photo.

The hot paths: one round trip, nothing resolved by FastAPI that a call can ask for, and an answer that is not validated
a second time. Its shape is declared for the OpenAPI page, and tests hold it to that.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from billing_service.audit.service import Deed
from billing_service.kit.middleware import request_id_of
from billing_service.kit.wire import json_answer
from billing_service.usage import service, today
from billing_service.usage.schemas import (
    OPERATION_ID,
    RESERVED,
    CommitIn,
    ConsumeIn,
    ExtendedOut,
    ExtendIn,
    Feature,
    MeOut,
    OperationId,
    ReserveIn,
    ResetIn,
    UsageOfDayOut,
    UsageOut,
)
from billing_service.usage.today import PHOTOS, Figures
from billing_service.web.dependencies import Caller, NamedUser, ServicesDep, XUserId, services_of, user_id_of
from billing_service.web.errors.requests import USER, PayloadInvalid
from billing_service.web.errors.usage import (
    AmountAboveLimit,
    DailyLimitReached,
    FeatureUnknown,
    LimitHeld,
    OperationCommitted,
    OperationExpired,
    OperationMismatch,
    OperationNotFound,
)
from billing_service.web.responses import EDGES, answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, SAFE_WITH_OPERATION_ID, needs

me = APIRouter(prefix="/api/v1/billing", tags=["Subscription"], route_class=needs("user"))
usage = APIRouter(prefix="/internal/v1", tags=["Usage"], route_class=needs("usage"))
admin = APIRouter(prefix="/internal/v1", tags=["Usage"], route_class=needs("admin"))

NamedOperation = Annotated[
    OperationId, Path(description="The `operation_id` of `reserve/`.", examples=[RESERVED])
]
NO_SUCH_USER = PayloadInvalid({"fields": {"user_id": "Input should be greater than or equal to 1"}})
NO_OPERATION_ID = PayloadInvalid(
    {"fields": {"operation_id": f"String should match pattern '{OPERATION_ID}'"}}
)
BAD_AMOUNT = PayloadInvalid({"fields": {"amount": "Input should be greater than or equal to 1"}})
NO_TTL = PayloadInvalid({"fields": {"ttl_seconds": "Field required"}})
FULL = (DailyLimitReached, LimitHeld, AmountAboveLimit, OperationMismatch)
REFUSALS = (PayloadInvalid, *FULL, FeatureUnknown)


@me.get("/me/", summary="Plan, access and today's usage", response_model=MeOut, responses=answers(*USER))
async def get_me(request: Request, x_user_id: XUserId = None) -> Response:
    """What the app shows everywhere. No subscription means FREE; reading never writes."""
    services, user_id = services_of(request), user_id_of(request, x_user_id)
    row = await today.get_today(services, user_id)
    figures = today.figures_of(row)
    return json_answer(
        {
            "plan_code": figures.plan_code,
            "plan_name": row["plan_name"],
            "expires_at": row["access_until"],
            "is_active": True,
            "daily_photo_limit": figures.daily_limit,
            "used_today": figures.used,
            "remaining_today": figures.remaining,
            "test_live_payment_available": services.settings.offers_live_test(user_id),
            "resets_at": figures.resets_at,
        }
    )


@usage.post(
    "/users/{user_id}/usage/consume/",
    summary="Use photos now",
    response_model=UsageOut,
    responses=answers(*EDGES, *REFUSALS),
    openapi_extra=SAFE_WITH_OPERATION_ID,
)
async def consume_usage(user_id: NamedUser, request: Request, body: ConsumeIn = ConsumeIn()) -> Response:  # noqa: B008 (frozen)
    """Count at once, or refuse and count nothing. With an `operation_id` a repeat counts nothing more.

    With `decided_on` it is no question: what the caller let through while we could not be asked counts on that day.
    """
    services = services_of(request)
    if body.decided_on is not None and body.operation_id is not None:
        reported = (user_id, body.amount, body.operation_id)
        return _allowed(
            await service.report(services, *reported, decided_on=body.decided_on, feature=body.feature)
        )
    asked = (user_id, body.amount, body.operation_id)
    return _allowed(await service.consume(services, *asked, feature=body.feature))


@usage.post(
    "/users/{user_id}/usage/reserve/",
    summary="Hold photos while an analysis runs",
    response_model=UsageOut,
    responses=answers(*EDGES, *REFUSALS)
    | leads_to(
        200, "commit_usage", "extend_usage", "release_usage", operation_id="$request.body#/operation_id"
    ),
    openapi_extra=SAFE_TO_REPEAT,
)
async def reserve_usage(user_id: NamedUser, request: Request, body: ReserveIn) -> Response:
    """Hold a place; `commit` makes it count, `release` or `ttl_seconds` gives it back. A repeat holds nothing more."""
    ttl = timedelta(seconds=body.ttl_seconds)
    asked = (user_id, body.amount, body.operation_id, ttl)
    return _allowed(await service.reserve(services_of(request), *asked, feature=body.feature))


@usage.post(
    "/usage/operations/{operation_id}/commit/",
    summary="The analysis succeeded",
    response_model=UsageOut,
    responses=answers(*EDGES, NO_OPERATION_ID, BAD_AMOUNT, *FULL, OperationNotFound, OperationExpired),
    openapi_extra=SAFE_TO_REPEAT,
)
async def commit_usage(
    operation_id: NamedOperation,
    request: Request,
    body: CommitIn = CommitIn(),  # noqa: B008 (frozen)
) -> Response:
    """Make a held operation count, on the day it was reserved. A repeat counts nothing more.

    With an `amount` that many count: what is held and not needed is free at once, what is needed above it is decided
    like `consume`, and where that is refused nothing is counted and the hold stays. Late, or after a release, it counts
    if nobody took its place or there is room; else 409 `OPERATION_EXPIRED`.
    """
    return _allowed(await service.commit(services_of(request), operation_id, body.amount))


@usage.post(
    "/usage/operations/{operation_id}/extend/",
    summary="The analysis takes longer",
    response_model=ExtendedOut,
    responses=answers(
        *EDGES, NO_OPERATION_ID, NO_TTL, OperationNotFound, OperationExpired, OperationCommitted
    ),
    openapi_extra=SAFE_TO_REPEAT,
)
async def extend_usage(operation_id: NamedOperation, services: ServicesDep, body: ExtendIn) -> Response:
    """Hold the place until `ttl_seconds` from now, never for less than before, and for four hours at most after it was
    reserved: `held_until` says until when. Once its time is over, reserve it again.
    """
    figures, held_until = await service.extend(services, operation_id, timedelta(seconds=body.ttl_seconds))
    return json_answer(_shown(figures, allowed=True) | {"held_until": held_until})


@usage.post(
    "/usage/operations/{operation_id}/release/",
    summary="The analysis failed",
    response_model=UsageOut,
    responses=answers(*EDGES, NO_OPERATION_ID, OperationNotFound, OperationCommitted),
    openapi_extra=SAFE_TO_REPEAT,
)
async def release_usage(operation_id: NamedOperation, services: ServicesDep) -> Response:
    """Give a held operation back. A second or a late release answers 200 too; after a commit it is a 409."""
    return _allowed(await service.release(services, operation_id))


@usage.get(
    "/users/{user_id}/usage/",
    summary="Today's figures",
    response_model=UsageOfDayOut,
    responses=answers(*EDGES, NO_SUCH_USER, FeatureUnknown),
)
async def get_usage(
    *,
    user_id: NamedUser,
    services: ServicesDep,
    feature: Annotated[Feature, Query()] = PHOTOS,
    explain: Annotated[bool, Query(description="List what makes the figures.")] = False,
) -> Response:
    """`allowed` says whether one more could be started now. Reading never writes."""
    if explain:
        figures, listed = await today.explain(services, user_id, feature)
    else:
        figures, listed = await today.get_figures(services, user_id, feature), None
    room = figures.remaining is None or figures.remaining > 0
    return json_answer(_shown(figures, allowed=room) | {"operations": listed})


@admin.post(
    "/users/{user_id}/usage/reset/",
    summary="Give a user today's photos back",
    response_model=UsageOut,
    responses=answers(*EDGES, PayloadInvalid({"fields": {"reason": "Field required"}}), FeatureUnknown),
)
async def reset_usage(
    user_id: NamedUser,
    caller: Caller,
    services: ServicesDep,
    request: Request,
    body: ResetIn,
) -> Response:
    """What was counted today becomes 0; what running analyses hold stays held. Written to the audit log."""
    deed = Deed(caller.name, body.author, body.reason, request_id_of(request))
    figures = await service.reset(services, user_id, deed, body.feature)
    return _usage(figures, allowed=True)


def _allowed(figures: Figures) -> Response:
    return _usage(figures, allowed=True)


def _usage(figures: Figures, *, allowed: bool) -> Response:
    return json_answer(_shown(figures, allowed=allowed))


def _shown(figures: Figures, *, allowed: bool) -> dict[str, object]:
    return {
        "allowed": allowed,
        "feature": figures.feature,
        "plan_code": figures.plan_code,
        "daily_limit": figures.daily_limit,
        "used_today": figures.used,
        "held": figures.held,
        "remaining_today": figures.remaining,
        "resets_at": figures.resets_at,
    }
