"""What happened to a user, for support and for the main backend."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from billing_service.kit.wire import json_answer
from billing_service.timeline import service
from billing_service.timeline.schemas import CURSOR, TimelineOut, place_of, timeline_out
from billing_service.web.dependencies import NamedUser, ServicesDep
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Users"], route_class=needs("read"))

After = Annotated[
    str | None,
    Query(
        pattern=CURSOR,
        description="A `next_cursor`: go on with what happened before.",
        examples=["1795770000481000:grant.given:17"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many facts.", examples=[50])]
NO_USER = PayloadInvalid({"fields": {"user_id": "Input should be greater than or equal to 1"}})


@router.get(
    "/users/{user_id}/timeline/",
    summary="What happened to a user, and why he stands as he does",
    response_model=TimelineOut,
    responses=answers(*EDGES, NO_USER),
)
async def get_timeline(
    user_id: NamedUser, services: ServicesDep, after: After = None, limit: Limit = 50
) -> Response:
    """Every fact with its effect, the newest first, as data and as a sentence; and the sentence that explains now.

    Money, days, consents, methods and refusals stand here for ever; what was switched and which limits were reached as
    long as events are kept. A user we have never seen has no facts.
    """
    before = None if after is None else place_of(after)
    return json_answer(timeline_out(await service.read(services, user_id, before=before, limit=limit)))
