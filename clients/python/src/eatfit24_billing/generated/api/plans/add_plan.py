from typing import Any

from ...client import Caller
from ...models.new_plan_in import NewPlanIn
from ...models.plan_record_out import PlanRecordOut


async def add_plan(
    billing: Caller,
    *,
    body: NewPlanIn,
) -> PlanRecordOut:
    """Add a plan

    On sale at once unless `is_active` is false. A repeat on the same terms answers the same plan.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "add_plan",
        "post",
        "/internal/v1/plans/",
        **_kwargs,
    )
    response_201 = PlanRecordOut.from_dict(response.json())

    return response_201
