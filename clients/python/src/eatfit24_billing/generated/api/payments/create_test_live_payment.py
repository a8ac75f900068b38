from typing import Any

from ...client import Caller
from ...models.live_test_in import LiveTestIn
from ...models.live_test_out import LiveTestOut
from ...types import UNSET, Unset


async def create_test_live_payment(
    billing: Caller,
    *,
    body: LiveTestIn | Unset = UNSET,
    x_user_id: str,
    idempotency_key: str | Unset = UNSET,
) -> LiveTestOut:
    """Try the live shop for one rouble

    Real money, for administrators only, and only while the service sells in the live shop. As safe to repeat as
    `create-payment/`.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {}

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "create_test_live_payment",
        "post",
        "/api/v1/billing/create-test-live-payment/",
        **_kwargs,
    )
    response_201 = LiveTestOut.from_dict(response.json())

    return response_201
