from typing import Any

from ...client import Caller
from ...models.create_payment_in import CreatePaymentIn
from ...models.created_payment_out import CreatedPaymentOut
from ...types import UNSET, Unset


async def create_payment(
    billing: Caller,
    *,
    body: CreatePaymentIn,
    x_user_id: str,
    idempotency_key: str | Unset = UNSET,
    x_user_ip: str | Unset = UNSET,
    x_user_agent: str | Unset = UNSET,
) -> CreatedPaymentOut:
    """Buy a plan

    A payment with a link to pay it.

    Safe to repeat: the same `Idempotency-Key` gives the same payment, and without one an open checkout for the same
    plan is handed out again. After a 503 ask again with the same key: it continues the same payment.

    Take a new key for a new wish to pay: once `confirmation_url` is null the payment was paid, declined or expired, and
    after `YOOKASSA_REJECTED` it was refused, so that the old key can only answer the same again.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(x_user_ip, Unset):
        headers["X-User-IP"] = x_user_ip

    if not isinstance(x_user_agent, Unset):
        headers["X-User-Agent"] = x_user_agent

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "create_payment",
        "post",
        "/api/v1/billing/create-payment/",
        **_kwargs,
    )
    response_201 = CreatedPaymentOut.from_dict(response.json())

    return response_201
