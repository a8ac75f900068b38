from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.payment_detail_out import PaymentDetailOut


async def get_payment(
    billing: Caller,
    payment_id: UUID,
    *,
    x_user_id: str,
) -> PaymentDetailOut:
    """One payment

    For the page after the return: ask until `status` is no longer `pending`. Another user's payment is a 404.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "get_payment",
        "get",
        "/api/v1/billing/payments/{payment_id}/".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = PaymentDetailOut.from_dict(response.json())

    return response_200
