from typing import Literal, cast

ReceiptDataRegistration = Literal["canceled", "pending"]


def check_receipt_data_registration(value: str) -> ReceiptDataRegistration:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ReceiptDataRegistration, value)
