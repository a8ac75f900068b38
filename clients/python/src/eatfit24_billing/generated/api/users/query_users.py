from typing import Any

from ...client import Caller
from ...models.user_state_list_out import UserStateListOut
from ...models.users_query_in import UsersQueryIn


async def query_users(
    billing: Caller,
    *,
    body: UsersQueryIn,
) -> UserStateListOut:
    """How up to 500 users stand

    The same of many, by the same one statement: in the order of the ids, one state for each, also for ids that we
    have never seen. Nothing is changed.

    The token needs the scope `read`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "query_users",
        "post",
        "/internal/v1/users/query/",
        **_kwargs,
    )
    response_200 = UserStateListOut.from_dict(response.json())

    return response_200
