from typing import Any

from ...client import Caller
from ...models.summary_out import SummaryOut
from ...types import UNSET, Unset


async def get_npd_summary(
    billing: Caller,
    *,
    year: int | None | Unset = UNSET,
) -> SummaryOut:
    """Income of a year, and its limit

    Month by month: what came in, what of it went back, what stayed. A return counts to the month of its sale.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    json_year: int | None | Unset
    if isinstance(year, Unset):
        json_year = UNSET
    else:
        json_year = year
    params["year"] = json_year

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "get_npd_summary",
        "get",
        "/internal/v1/npd/summary/",
        **_kwargs,
    )
    response_200 = SummaryOut.from_dict(response.json())

    return response_200
