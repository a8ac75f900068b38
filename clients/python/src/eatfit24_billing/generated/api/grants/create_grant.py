from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.grant_in import GrantIn
from ...models.grant_out import GrantOut
from ...types import UNSET, Unset


async def create_grant(
    billing: Caller,
    user_id: int,
    *,
    body: GrantIn,
    idempotency_key: str | Unset = UNSET,
) -> GrantOut:
    """Give a user days

    They lie behind everything the user has. A repeat with the same `Idempotency-Key` answers the same grant.

    The token needs the scope `grant`.
    """
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "create_grant",
        "post",
        "/internal/v1/users/{user_id}/grants/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_201 = GrantOut.from_dict(response.json())

    return response_201
