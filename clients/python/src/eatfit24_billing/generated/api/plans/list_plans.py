from typing import Any

from ...client import Caller
from ...models.plan_out import PlanOut


async def list_plans(
    billing: Caller,
) -> list[PlanOut]:
    """What is on sale

    Active plans by price, the free one included. Public: no token is needed.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "list_plans",
        "get",
        "/api/v1/billing/plans/",
        **_kwargs,
    )
    response_200 = []
    _response_200 = response.json()
    for response_200_item_data in _response_200:
        response_200_item = PlanOut.from_dict(response_200_item_data)

        response_200.append(response_200_item)

    return response_200
