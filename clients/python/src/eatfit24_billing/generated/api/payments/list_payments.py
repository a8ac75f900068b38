from typing import Any

from ...client import Caller
from ...models.payment_list_out import PaymentListOut
from ...types import UNSET, Unset


async def list_payments(
    billing: Caller,
    *,
    limit: int | Unset = 10,
    x_user_id: str,
) -> PaymentListOut:
    """The user's payments

    Newest first.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    params: dict[str, Any] = {}

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    _kwargs["headers"] = headers
    response = await billing.send(
        "list_payments",
        "get",
        "/api/v1/billing/payments/",
        **_kwargs,
    )
    response_200 = PaymentListOut.from_dict(response.json())

    return response_200
