from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.timeline_out import TimelineOut
from ...types import UNSET, Unset


async def get_timeline(
    billing: Caller,
    user_id: int,
    *,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
) -> TimelineOut:
    """What happened to a user, and why he stands as he does

    Every fact with its effect, the newest first, as data and as a sentence; and the sentence that explains now.

    Money, days, consents, methods and refusals stand here for ever; what was switched and which limits were reached as
    long as events are kept. A user we have never seen has no facts.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    json_after: None | str | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "get_timeline",
        "get",
        "/internal/v1/users/{user_id}/timeline/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = TimelineOut.from_dict(response.json())

    return response_200
