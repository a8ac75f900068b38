from typing import Any

from ...client import Caller
from ...models.refusal_out import RefusalOut
from ...types import UNSET, Unset


async def refuse_payment_method(
    billing: Caller,
    *,
    x_user_id: str,
    x_user_ip: str | Unset = UNSET,
    x_user_agent: str | Unset = UNSET,
) -> RefusalOut:
    """Refuse to be charged again

    At once and for good: no method of this user can be charged any more, auto-renewal goes off, and whatever he
    agreed to is withdrawn; a purchase that is still open keeps no card. Also without a method, after the subscription
    has ended, and twice: then the same receipt is answered.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    if not isinstance(x_user_ip, Unset):
        headers["X-User-IP"] = x_user_ip

    if not isinstance(x_user_agent, Unset):
        headers["X-User-Agent"] = x_user_agent

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "refuse_payment_method",
        "delete",
        "/api/v1/billing/payment-method/",
        **_kwargs,
    )
    response_200 = RefusalOut.from_dict(response.json())

    return response_200
