"""The feed: what happened, for whoever asks; and sending something of it once more."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from billing_service.events import service
from billing_service.events.schemas import EVENT_ID, EventListOut, ReplayOut
from billing_service.kit.wire import json_answer
from billing_service.web.dependencies import MAX_BIGINT, ServicesDep
from billing_service.web.errors.operators import EventNotFound
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers, leads_to
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Events"], route_class=needs("events"))

NamedEvent = Annotated[UUID, Path(description="The `id` of the event.", examples=[EVENT_ID])]
After = Annotated[
    int, Query(ge=0, le=MAX_BIGINT, description="The `feed_no` behind which to begin.", examples=[0])
]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many events.", examples=[100])]
NO_NUMBER = PayloadInvalid({"fields": {"after": "Input should be greater than or equal to 0"}})
NO_EVENT_ID = PayloadInvalid(
    {"fields": {"event_id": "Input should be a valid UUID, invalid length: found 4"}}
)


@router.get(
    "/events/",
    summary="What happened since",
    response_model=EventListOut,
    responses=answers(*EDGES, NO_NUMBER)
    | leads_to(200, "replay_event", event_id="$response.body#/results/0/id"),
)
async def list_events(services: ServicesDep, after: After = 0, limit: Limit = 100) -> Response:
    """Everything, in one order that never changes and has no gap, for at least `EVENTS_KEPT_DAYS`; the newest event of
    each user that has a state is kept for ever, so that reading from 0 tells how every subscription stands.

    An event appears here about a second after its fact, whether or not it could be delivered.
    """
    events = await service.list_since(services, after, limit=limit)
    return json_answer({"results": events, "next_cursor": events[-1]["feed_no"] if events else after})


@router.post(
    "/events/{event_id}/replay/",
    status_code=202,
    summary="Send an event once more",
    responses=answers(*EDGES, NO_EVENT_ID, EventNotFound),
)
async def replay_event(event_id: NamedEvent, services: ServicesDep) -> ReplayOut:
    """As it was, with its old `id` and numbers, also if it was delivered; tried as long as any other. A second request
    while it is on its way changes nothing.
    """
    await service.replay(services, event_id)
    return ReplayOut(event_id=event_id)
