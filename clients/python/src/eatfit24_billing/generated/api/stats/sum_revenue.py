import datetime
from typing import Any

from ...client import Caller
from ...models.revenue_out import RevenueOut
from ...types import UNSET, Unset


async def sum_revenue(
    billing: Caller,
    *,
    from_: datetime.date | None | Unset = UNSET,
    to: datetime.date | None | Unset = UNSET,
    is_test: bool | Unset = False,
) -> RevenueOut:
    """What came in, less what went back

    Of the days that are named, or of all; of this month so far; of the last thirty days. Test payments are left out:
    `is_test=true` shows them, and only them.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.date):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_to: None | str | Unset
    if isinstance(to, Unset):
        json_to = UNSET
    elif isinstance(to, datetime.date):
        json_to = to.isoformat()
    else:
        json_to = to
    params["to"] = json_to

    params["is_test"] = is_test

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "sum_revenue",
        "get",
        "/internal/v1/stats/revenue/",
        **_kwargs,
    )
    response_200 = RevenueOut.from_dict(response.json())

    return response_200
