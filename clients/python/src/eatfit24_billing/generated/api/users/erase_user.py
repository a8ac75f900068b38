from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.erasure_in import ErasureIn
from ...models.erasure_out import ErasureOut


async def erase_user(
    billing: Caller,
    user_id: int,
    *,
    body: ErasureIn,
) -> ErasureOut:
    """Erase who a user is

    First nothing of his can be charged any more, then whatever says who he is goes: where receipts go, addresses and
    devices, the card, what notifications and events said, what people wrote about him. Money, days and refusals stay
    under the number, and so does access that was paid for. Safe to repeat.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "erase_user",
        "delete",
        "/internal/v1/users/{user_id}/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ErasureOut.from_dict(response.json())

    return response_200
