from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.usage_out import UsageOut


async def commit_usage(
    billing: Caller,
    operation_id: str,
) -> UsageOut:
    """The analysis succeeded

    Make a held operation count, on the day it was reserved. A repeat counts nothing more.

    Late, or after a release, it counts if nobody took its place or there is room; else 409 `OPERATION_EXPIRED`.

    The token needs the scope `usage`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "commit_usage",
        "post",
        "/internal/v1/usage/operations/{operation_id}/commit/".format(
            operation_id=quote(str(operation_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
