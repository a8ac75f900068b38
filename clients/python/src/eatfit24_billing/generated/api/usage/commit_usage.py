from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.commit_in import CommitIn
from ...models.usage_out import UsageOut
from ...types import UNSET, Unset


async def commit_usage(
    billing: Caller,
    operation_id: str,
    *,
    body: CommitIn | Unset = UNSET,
) -> UsageOut:
    """The analysis succeeded

    Make a held operation count, on the day it was reserved. A repeat counts nothing more.

    With an `amount` that many count: what is held and not needed is free at once, what is needed above it is decided
    like `consume`, and where that is refused nothing is counted and the hold stays. Late, or after a release, it counts
    if nobody took its place or there is room; else 409 `OPERATION_EXPIRED`.

    The token needs the scope `usage`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
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
