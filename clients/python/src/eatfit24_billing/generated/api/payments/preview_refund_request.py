from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.prospect_out import ProspectOut


async def preview_refund_request(
    billing: Caller,
    payment_id: UUID,
    *,
    x_user_id: str,
) -> ProspectOut:
    """See what asking for a refund would give

    The sum, what becomes of the access, and the newest request of this payment. Nothing is written; another user's
    payment is a 404.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "preview_refund_request",
        "get",
        "/api/v1/billing/payments/{payment_id}/refund-request/".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ProspectOut.from_dict(response.json())

    return response_200
