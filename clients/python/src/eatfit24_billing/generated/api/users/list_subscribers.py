import datetime
from typing import Any

from ...client import Caller
from ...models.subscriber_list_out import SubscriberListOut
from ...types import UNSET, Unset


async def list_subscribers(
    billing: Caller,
    *,
    after: int | Unset = 0,
    limit: int | Unset = 100,
    plan: None | str | Unset = UNSET,
    ended_since: datetime.datetime | None | Unset = UNSET,
) -> SubscriberListOut:
    """Everybody who has access

    A walk in the order of user ids: ask again with `after=next_cursor` until that is null.

    Nobody who has access during the whole walk is skipped, whatever happens to others meanwhile; who buys while it
    goes on may be. So whoever deletes by it asks with `ended_since` for those whose access ended, and deletes only
    theirs, or looks at `users/query/` once more before.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    params["after"] = after

    params["limit"] = limit

    json_plan: None | str | Unset
    if isinstance(plan, Unset):
        json_plan = UNSET
    else:
        json_plan = plan
    params["plan"] = json_plan

    json_ended_since: None | str | Unset
    if isinstance(ended_since, Unset):
        json_ended_since = UNSET
    elif isinstance(ended_since, datetime.datetime):
        json_ended_since = ended_since.isoformat()
    else:
        json_ended_since = ended_since
    params["ended_since"] = json_ended_since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "list_subscribers",
        "get",
        "/internal/v1/subscribers/",
        **_kwargs,
    )
    response_200 = SubscriberListOut.from_dict(response.json())

    return response_200
