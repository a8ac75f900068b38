from typing import Any

from ...client import Caller
from ...models.payment_method_out import PaymentMethodOut


async def get_payment_method(
    billing: Caller,
    *,
    x_user_id: str,
) -> PaymentMethodOut:
    """The saved payment method

    What renewals would charge.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "get_payment_method",
        "get",
        "/api/v1/billing/payment-method/",
        **_kwargs,
    )
    response_200 = PaymentMethodOut.from_dict(response.json())

    return response_200
