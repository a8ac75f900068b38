"""Everybody who has access, for the main backend."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from billing_service.kit.wire import json_answer
from billing_service.subscribers import service
from billing_service.subscribers.schemas import SubscriberListOut, page_out
from billing_service.web.dependencies import MAX_BIGINT, ServicesDep
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Users"], route_class=needs("read"))

After = Annotated[
    int, Query(ge=0, le=MAX_BIGINT, description="The user id behind which to begin.", examples=[0])
]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many users.", examples=[100])]
NamedPlan = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Z0-9_]{1,64}$",
        description="Only whose plan in force this is.",
        examples=["PRO_MONTHLY"],
    ),
]
EndedSince = Annotated[
    AwareDatetime | None,
    Query(
        description="Also whose access has ended since this instant, which names its offset from UTC.",
        examples=["2026-11-26T09:00:00Z"],
    ),
]
NO_NUMBER = PayloadInvalid({"fields": {"after": "Input should be greater than or equal to 0"}})


@router.get(
    "/subscribers/",
    summary="Everybody who has access",
    response_model=SubscriberListOut,
    responses=answers(*EDGES, NO_NUMBER),
)
async def list_subscribers(
    services: ServicesDep,
    after: After = 0,
    limit: Limit = 100,
    plan: NamedPlan = None,
    ended_since: EndedSince = None,
) -> Response:
    """A walk in the order of user ids: ask again with `after=next_cursor` until that is null.

    Nobody who has access during the whole walk is skipped, whatever happens to others meanwhile; who buys while it
    goes on may be. So whoever deletes by it asks with `ended_since` for those whose access ended, and deletes only
    theirs, or looks at `users/query/` once more before.
    """
    page = await service.list_page(
        services, after=after, limit=limit, plan_code=plan, ended_since=ended_since
    )
    return json_answer(page_out(page))
