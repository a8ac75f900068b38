from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.receipt_contact_out import ReceiptContactOut


async def get_receipt_contact(
    billing: Caller,
    user_id: int,
) -> ReceiptContactOut:
    """Where the user's receipts go

    Masked: what was said is shown to nobody.

    The token needs the scope `user`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_receipt_contact",
        "get",
        "/internal/v1/users/{user_id}/receipt-contact/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ReceiptContactOut.from_dict(response.json())

    return response_200
