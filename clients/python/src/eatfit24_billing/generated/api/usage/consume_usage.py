from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.consume_in import ConsumeIn
from ...models.usage_out import UsageOut
from ...types import UNSET, Unset


async def consume_usage(
    billing: Caller,
    user_id: int,
    *,
    body: ConsumeIn | Unset = UNSET,
) -> UsageOut:
    """Use photos now

    Count at once, or refuse and count nothing. With an `operation_id` a repeat counts nothing more.

    With `decided_on` it is no question: what the caller let through while we could not be asked counts on that day.

    The token needs the scope `usage`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "consume_usage",
        "post",
        "/internal/v1/users/{user_id}/usage/consume/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
