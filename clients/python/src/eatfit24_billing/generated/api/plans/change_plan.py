from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.plan_change_in import PlanChangeIn
from ...models.plan_record_out import PlanRecordOut


async def change_plan(
    billing: Caller,
    code: str,
    *,
    body: PlanChangeIn,
) -> PlanRecordOut:
    """Change a plan

    Holds for the next checkout, in every process. Open checkouts keep their price, and what was sold its days.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "change_plan",
        "patch",
        "/internal/v1/plans/{code}/".format(
            code=quote(str(code), safe=""),
        ),
        **_kwargs,
    )
    response_200 = PlanRecordOut.from_dict(response.json())

    return response_200
