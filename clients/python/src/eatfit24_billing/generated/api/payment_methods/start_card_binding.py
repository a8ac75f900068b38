from typing import Any

from ...client import Caller
from ...models.card_binding_in import CardBindingIn
from ...models.card_binding_out import CardBindingOut
from ...types import UNSET, Unset


async def start_card_binding(
    billing: Caller,
    *,
    body: CardBindingIn | Unset = UNSET,
    x_user_id: str,
    x_user_ip: str | Unset = UNSET,
    x_user_agent: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> CardBindingOut:
    """Save a card

    Nothing is charged, and auto-renewal is not switched on by it. A consent that comes along is for the plan that
    the user had last; one that was given by `consents/` in the last 24 hours counts as well. As safe to repeat as
    `create-payment/`.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    if not isinstance(x_user_ip, Unset):
        headers["X-User-IP"] = x_user_ip

    if not isinstance(x_user_agent, Unset):
        headers["X-User-Agent"] = x_user_agent

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {}

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "start_card_binding",
        "post",
        "/api/v1/billing/bind-card/start/",
        **_kwargs,
    )
    response_201 = CardBindingOut.from_dict(response.json())

    return response_201
