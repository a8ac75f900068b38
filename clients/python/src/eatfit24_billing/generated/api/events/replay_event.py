from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.replay_out import ReplayOut


async def replay_event(
    billing: Caller,
    event_id: UUID,
) -> ReplayOut:
    """Send an event once more

    As it was, with its old `id` and numbers, also if it was delivered; tried as long as any other. A second request
    while it is on its way changes nothing.

    The token needs the scope `events`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "replay_event",
        "post",
        "/internal/v1/events/{event_id}/replay/".format(
            event_id=quote(str(event_id), safe=""),
        ),
        **_kwargs,
    )
    response_202 = ReplayOut.from_dict(response.json())

    return response_202
