from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.usage_out import UsageOut


async def get_usage(
    billing: Caller,
    user_id: int,
) -> UsageOut:
    """Today's figures

    `allowed` says whether one more photo could be started now. Reading never writes.

    The token needs the scope `usage`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_usage",
        "get",
        "/internal/v1/users/{user_id}/usage/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
