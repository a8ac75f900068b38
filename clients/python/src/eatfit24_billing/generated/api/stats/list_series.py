import datetime
from typing import Any

from ...client import Caller
from ...models.metric import Metric
from ...models.series_out import SeriesOut
from ...models.step import Step
from ...types import UNSET, Unset


async def list_series(
    billing: Caller,
    *,
    metric: Metric,
    from_: datetime.date | None | Unset = UNSET,
    to: datetime.date | None | Unset = UNSET,
    step: Step | Unset = UNSET,
    is_test: bool | Unset = False,
) -> SeriesOut:
    """Figures for a chart

    At most 400 points; without days the thirty up to today.

    * `revenue` (refunds taken off, so that its points add up to `stats/revenue/`) and `refunds`, by plan
    * `new` (the first days of a user ever), `renewed` (days behind days), `returned` (days after a pause) and `lost`
      (no days behind), by plan, as the periods lie now: `new` and `returned` less `lost` is who is PRO
    * `declines`, by the provider's reason: what somebody tried to pay
    * `limit_hits`: users who took the last photo of a day, or of another feature, as long as events are kept

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    json_metric: str = metric
    params["metric"] = json_metric

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

    json_step: str | Unset = UNSET
    if not isinstance(step, Unset):
        json_step = step

    params["step"] = json_step

    params["is_test"] = is_test

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "list_series",
        "get",
        "/internal/v1/stats/series/",
        **_kwargs,
    )
    response_200 = SeriesOut.from_dict(response.json())

    return response_200
