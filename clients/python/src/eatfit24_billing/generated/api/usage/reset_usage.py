from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.reset_in import ResetIn
from ...models.usage_out import UsageOut


async def reset_usage(
    billing: Caller,
    user_id: int,
    *,
    body: ResetIn,
) -> UsageOut:
    """Give a user today's photos back

    What was counted today becomes 0; what running analyses hold stays held. Written to the audit log.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "reset_usage",
        "post",
        "/internal/v1/users/{user_id}/usage/reset/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
