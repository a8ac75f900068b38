from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.case_out import CaseOut
from ...models.refund_request_in import RefundRequestIn


async def ask_for_refund(
    billing: Caller,
    payment_id: UUID,
    *,
    body: RefundRequestIn,
    x_user_id: str,
) -> CaseOut:
    """Ask for a refund

    Opens a case that somebody answers until `answer_by`, and switches auto-renewal off at once. No money moves yet.

    While a case of this payment is open it is answered again, whatever the reason of now.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "ask_for_refund",
        "post",
        "/api/v1/billing/payments/{payment_id}/refund-request/".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
        **_kwargs,
    )
    response_201 = CaseOut.from_dict(response.json())

    return response_201
