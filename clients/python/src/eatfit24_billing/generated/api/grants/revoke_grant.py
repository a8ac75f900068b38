from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.grant_out import GrantOut
from ...models.revoke_in import RevokeIn


async def revoke_grant(
    billing: Caller,
    grant_id: UUID,
    *,
    body: RevokeIn,
) -> GrantOut:
    """Take a grant back

    What is left of it ends now, and later periods move up. A second time changes nothing.

    The token needs the scope `grant`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "revoke_grant",
        "post",
        "/internal/v1/grants/{grant_id}/revoke/".format(
            grant_id=quote(str(grant_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = GrantOut.from_dict(response.json())

    return response_200
