from typing import Any

from ...client import Caller
from ...models.event_list_out import EventListOut
from ...types import UNSET, Unset


async def list_events(
    billing: Caller,
    *,
    after: int | Unset = 0,
    limit: int | Unset = 100,
) -> EventListOut:
    """What happened since

    Everything, in one order that never changes and has no gap, for at least `EVENTS_KEPT_DAYS`; the newest event of
    each user that has a state is kept for ever, so that reading from 0 tells how every subscription stands.

    An event appears here about a second after its fact, whether or not it could be delivered.

    The token needs the scope `events`.
    """

    params: dict[str, Any] = {}

    params["after"] = after

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "list_events",
        "get",
        "/internal/v1/events/",
        **_kwargs,
    )
    response_200 = EventListOut.from_dict(response.json())

    return response_200
