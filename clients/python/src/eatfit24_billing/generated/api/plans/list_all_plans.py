from typing import Any

from ...client import Caller
from ...models.plans_out import PlansOut


async def list_all_plans(
    billing: Caller,
) -> PlansOut:
    """Every plan, hidden ones too

    Those that are no longer sold, the free one and the test of the live shop included.

    The token needs the scope `admin`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "list_all_plans",
        "get",
        "/internal/v1/plans/",
        **_kwargs,
    )
    response_200 = PlansOut.from_dict(response.json())

    return response_200
