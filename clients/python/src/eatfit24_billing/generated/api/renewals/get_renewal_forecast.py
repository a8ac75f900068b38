from typing import Any

from ...client import Caller
from ...models.forecast_list_out import ForecastListOut
from ...types import UNSET, Unset


async def get_renewal_forecast(
    billing: Caller,
    *,
    days: int | Unset = 7,
) -> ForecastListOut:
    """Who will be charged what

    Every subscription that could renew itself and ends in this time or is in its grace: what will be charged and
    when, or why not, as things stand now. It changes nothing.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    params["days"] = days

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "get_renewal_forecast",
        "get",
        "/internal/v1/renewals/forecast/",
        **_kwargs,
    )
    response_200 = ForecastListOut.from_dict(response.json())

    return response_200
