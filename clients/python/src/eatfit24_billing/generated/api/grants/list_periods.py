from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.period_list_out import PeriodListOut


async def list_periods(
    billing: Caller,
    user_id: int,
) -> PeriodListOut:
    """Every span of access

    What gave it, where it lies now, and what took of it; a user we have never seen has none.

    The token needs the scope `grant`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "list_periods",
        "get",
        "/internal/v1/users/{user_id}/periods/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = PeriodListOut.from_dict(response.json())

    return response_200
