from typing import Any

from ...client import Caller
from ...models.consent_list_out import ConsentListOut


async def list_consents(
    billing: Caller,
    *,
    x_user_id: str,
) -> ConsentListOut:
    """What the user agreed to

    Newest first, what was withdrawn included.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "list_consents",
        "get",
        "/api/v1/billing/consents/",
        **_kwargs,
    )
    response_200 = ConsentListOut.from_dict(response.json())

    return response_200
