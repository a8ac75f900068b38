from typing import Any

from ...client import Caller
from ...models.subscribers_out import SubscribersOut


async def count_subscribers(
    billing: Caller,
) -> SubscribersOut:
    """How many have access

    Of one instant: free and PRO, by plan and by what gave it.

    The token needs the scope `read`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "count_subscribers",
        "get",
        "/internal/v1/stats/subscribers/",
        **_kwargs,
    )
    response_200 = SubscribersOut.from_dict(response.json())

    return response_200
