from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.receipt_contact_out import ReceiptContactOut
from ...models.strict_receipt_contact_in import StrictReceiptContactIn


async def put_receipt_contact(
    billing: Caller,
    user_id: int,
    *,
    body: StrictReceiptContactIn,
) -> ReceiptContactOut:
    """Say where the user's receipts go

    In place of what was known; kept encrypted, for every later payment and refund that names none.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "put_receipt_contact",
        "put",
        "/internal/v1/users/{user_id}/receipt-contact/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ReceiptContactOut.from_dict(response.json())

    return response_200
