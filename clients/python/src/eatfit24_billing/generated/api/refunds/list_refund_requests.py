from typing import Any

from ...client import Caller
from ...models.operator_case_list_out import OperatorCaseListOut
from ...types import UNSET, Unset


async def list_refund_requests(
    billing: Caller,
    *,
    limit: int | Unset = 50,
) -> OperatorCaseListOut:
    """Refund requests that are open

    The one that must be answered first comes first. A refund of its payment that succeeds concludes a request,
    wherever it was made.

    The token needs the scope `refund`.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "list_refund_requests",
        "get",
        "/internal/v1/refund-requests/",
        **_kwargs,
    )
    response_200 = OperatorCaseListOut.from_dict(response.json())

    return response_200
