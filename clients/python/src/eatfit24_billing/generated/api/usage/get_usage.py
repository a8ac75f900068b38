from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.usage_of_day_out import UsageOfDayOut
from ...types import UNSET, Unset


async def get_usage(
    billing: Caller,
    user_id: int,
    *,
    feature: str | Unset = "photo_ai",
    explain: bool | Unset = False,
) -> UsageOfDayOut:
    """Today's figures

    `allowed` says whether one more could be started now. Reading never writes.

    The token needs the scope `usage`.
    """

    params: dict[str, Any] = {}

    params["feature"] = feature

    params["explain"] = explain

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "get_usage",
        "get",
        "/internal/v1/users/{user_id}/usage/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOfDayOut.from_dict(response.json())

    return response_200
