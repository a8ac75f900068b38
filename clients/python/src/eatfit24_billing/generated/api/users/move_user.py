from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.move_in import MoveIn
from ...models.move_out import MoveOut


async def move_user(
    billing: Caller,
    user_id: int,
    to_user_id: int,
    *,
    body: MoveIn,
) -> MoveOut:
    """Move everything of a user to another number

    Days, payments, the saved card and what was agreed to, today's usage: all or nothing, and no day is lost or
    doubled, also if the other user has days of his own. Nothing is done under the old number any more: it is on FREE,
    and what would write under it answers `USER_MOVED`. What YooKassa reports later is settled under the new one. A
    repeat answers the same; moving back moves everything back.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "move_user",
        "post",
        "/internal/v1/users/{user_id}/move-to/{to_user_id}/".format(
            user_id=quote(str(user_id), safe=""),
            to_user_id=quote(str(to_user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = MoveOut.from_dict(response.json())

    return response_200
