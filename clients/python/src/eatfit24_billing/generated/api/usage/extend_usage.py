from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.extend_in import ExtendIn
from ...models.extended_out import ExtendedOut


async def extend_usage(
    billing: Caller,
    operation_id: str,
    *,
    body: ExtendIn,
) -> ExtendedOut:
    """The analysis takes longer

    Hold the place until `ttl_seconds` from now, never for less than before, and for four hours at most after it was
    reserved: `held_until` says until when. Once its time is over, reserve it again.

    The token needs the scope `usage`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "extend_usage",
        "post",
        "/internal/v1/usage/operations/{operation_id}/extend/".format(
            operation_id=quote(str(operation_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ExtendedOut.from_dict(response.json())

    return response_200
