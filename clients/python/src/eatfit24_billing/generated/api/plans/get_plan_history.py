from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.plan_history_out import PlanHistoryOut


async def get_plan_history(
    billing: Caller,
    code: str,
) -> PlanHistoryOut:
    """Who changed a plan, and why

    The newest change first, with what was so before.

    The token needs the scope `admin`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_plan_history",
        "get",
        "/internal/v1/plans/{code}/history/".format(
            code=quote(str(code), safe=""),
        ),
        **_kwargs,
    )
    response_200 = PlanHistoryOut.from_dict(response.json())

    return response_200
