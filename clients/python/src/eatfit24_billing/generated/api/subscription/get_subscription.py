from typing import Any

from ...client import Caller
from ...models.subscription_out import SubscriptionOut


async def get_subscription(
    billing: Caller,
    *,
    x_user_id: str,
) -> SubscriptionOut:
    """The user's subscription

    Free or PRO, and until when. A user we have never seen is on Free; reading never writes.

    A PRO that ended at most 30 days ago is still `pro`, with `is_active: false` and the day of its end.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "get_subscription",
        "get",
        "/api/v1/billing/subscription/",
        **_kwargs,
    )
    response_200 = SubscriptionOut.from_dict(response.json())

    return response_200
