from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.operator_case_out import OperatorCaseOut
from ...models.refuse_request_in import RefuseRequestIn


async def refuse_refund_request(
    billing: Caller,
    refund_request_id: UUID,
    *,
    body: RefuseRequestIn,
) -> OperatorCaseOut:
    """Refuse a refund request

    The payer reads the reason. What is concluded already stays as it is, and is answered; so does what is open while
    a refund that was sent in answer to it is on its way.

    The token needs the scope `refund`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "refuse_refund_request",
        "post",
        "/internal/v1/refund-requests/{refund_request_id}/refuse/".format(
            refund_request_id=quote(str(refund_request_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = OperatorCaseOut.from_dict(response.json())

    return response_200
