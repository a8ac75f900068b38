from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.refund_list_out import RefundListOut


async def list_refunds(
    billing: Caller,
    payment_id: UUID,
) -> RefundListOut:
    """The refunds of a payment

    The oldest first, those made in YooKassa's cabinet included.

    The token needs the scope `refund`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "list_refunds",
        "get",
        "/internal/v1/payments/{payment_id}/refunds/".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = RefundListOut.from_dict(response.json())

    return response_200
