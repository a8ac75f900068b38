from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.reserve_in import ReserveIn
from ...models.usage_out import UsageOut


async def reserve_usage(
    billing: Caller,
    user_id: int,
    *,
    body: ReserveIn,
) -> UsageOut:
    """Hold photos while an analysis runs

    Hold a place; `commit` makes it count, `release` or `ttl_seconds` gives it back. A repeat holds nothing more.

    The token needs the scope `usage`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "reserve_usage",
        "post",
        "/internal/v1/users/{user_id}/usage/reserve/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
