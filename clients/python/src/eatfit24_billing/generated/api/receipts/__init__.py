from .erase_receipt_contact import erase_receipt_contact
from .get_receipt_contact import get_receipt_contact
from .put_receipt_contact import put_receipt_contact

__all__ = [
    "erase_receipt_contact",
    "get_receipt_contact",
    "put_receipt_contact",
]
