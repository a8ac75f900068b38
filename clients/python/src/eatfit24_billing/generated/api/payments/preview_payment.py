from typing import Any

from ...client import Caller
from ...models.preview_in import PreviewIn
from ...models.preview_out import PreviewOut


async def preview_payment(
    billing: Caller,
    *,
    body: PreviewIn,
    x_user_id: str,
) -> PreviewOut:
    """See what buying a plan would give

    From when and until when, at which price, and what becomes of what the user has. Nothing is written.

    Send its `preview_id` with `create-payment/`: what is bought then is what was shown, or 409 `PREVIEW_STALE`.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "preview_payment",
        "post",
        "/api/v1/billing/create-payment/preview/",
        **_kwargs,
    )
    response_200 = PreviewOut.from_dict(response.json())

    return response_200
