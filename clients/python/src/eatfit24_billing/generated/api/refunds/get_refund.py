from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.refund_out import RefundOut


async def get_refund(
    billing: Caller,
    refund_id: UUID,
) -> RefundOut:
    """One refund

    As it is now.

    The token needs the scope `refund`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_refund",
        "get",
        "/internal/v1/refunds/{refund_id}/".format(
            refund_id=quote(str(refund_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = RefundOut.from_dict(response.json())

    return response_200
