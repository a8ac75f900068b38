from typing import Any
from urllib.parse import quote

from ...client import Caller
from ...models.receipt_contact_out import ReceiptContactOut


async def erase_receipt_contact(
    billing: Caller,
    user_id: int,
) -> ReceiptContactOut:
    """Erase where the user's receipts go

    Out of every table, at once. A payment or refund whose sending is in doubt at this moment is not sent again: it
    is found in YooKassa's lists, or ends as never created. Safe to repeat.

    The token needs the scope `user`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "erase_receipt_contact",
        "delete",
        "/internal/v1/users/{user_id}/receipt-contact/".format(
            user_id=quote(str(user_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = ReceiptContactOut.from_dict(response.json())

    return response_200
