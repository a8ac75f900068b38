from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.usage_out import UsageOut


async def release_usage(
    billing: Caller,
    operation_id: str,
) -> UsageOut:
    """The analysis failed

    Give a held operation back. A second or a late release answers 200 too; after a commit it is a 409.

    The token needs the scope `usage`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "release_usage",
        "post",
        "/internal/v1/usage/operations/{operation_id}/release/".format(
            operation_id=quote(str(operation_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UsageOut.from_dict(response.json())

    return response_200
