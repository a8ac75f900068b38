from typing import Any

from ...client import Caller
from ...models.consent_in import ConsentIn
from ...models.consent_out import ConsentOut
from ...types import UNSET, Unset


async def give_consent(
    billing: Caller,
    *,
    body: ConsentIn,
    x_user_id: str,
    x_user_ip: str | Unset = UNSET,
    x_user_agent: str | Unset = UNSET,
) -> ConsentOut:
    """Agree to be charged again

    Written down with the plan's price and days of now. For a day it counts as if it came along with a purchase of
    that plan, with a binding, and with switching auto-renewal on; a refusal of the card takes it back.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    if not isinstance(x_user_ip, Unset):
        headers["X-User-IP"] = x_user_ip

    if not isinstance(x_user_agent, Unset):
        headers["X-User-Agent"] = x_user_agent

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "give_consent",
        "post",
        "/api/v1/billing/consents/",
        **_kwargs,
    )
    response_201 = ConsentOut.from_dict(response.json())

    return response_201
