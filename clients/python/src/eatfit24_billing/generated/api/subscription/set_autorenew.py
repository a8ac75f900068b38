from typing import Any

from ...client import Caller
from ...models.autorenew_in import AutorenewIn
from ...models.subscription_out import SubscriptionOut


async def set_autorenew(
    billing: Caller,
    *,
    body: AutorenewIn,
    x_user_id: str,
) -> SubscriptionOut:
    """Switch auto-renewal

    Answers what `subscription/` does. Switching on needs a saved method, and a consent that covers the plan's price
    and days of now; while renewals are off it is 409 `RECURRING_DISABLED`. Switching off is never refused. It names a
    charge that may have left before: it gives its days and goes back with them. A repeat changes nothing.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "set_autorenew",
        "post",
        "/api/v1/billing/subscription/autorenew/",
        **_kwargs,
    )
    response_200 = SubscriptionOut.from_dict(response.json())

    return response_200
