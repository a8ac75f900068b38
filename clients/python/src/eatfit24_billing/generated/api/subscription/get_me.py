from typing import Any

from ...client import Caller
from ...models.me_out import MeOut


async def get_me(
    billing: Caller,
    *,
    x_user_id: str,
) -> MeOut:
    """Plan, access and today's usage

    What the app shows everywhere. No subscription means FREE; reading never writes.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "get_me",
        "get",
        "/api/v1/billing/me/",
        **_kwargs,
    )
    response_200 = MeOut.from_dict(response.json())

    return response_200
