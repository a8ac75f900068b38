from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.user_state_out import UserStateOut


async def get_user_state(
    billing: Caller,
    user_id: int,
) -> UserStateOut:
    """How a user stands

    Plan, access, usage of today, what will be charged next or why nothing, in one statement. Never writes; a user we
    have never seen is on FREE.

    The token needs the scope `read`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_user_state",
        "get",
        "/internal/v1/users/{user_id}/state/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = UserStateOut.from_dict(response.json())

    return response_200
