from .create_payment import create_payment
from .create_test_live_payment import create_test_live_payment
from .get_payment import get_payment
from .list_payments import list_payments
from .preview_payment import preview_payment

__all__ = [
    "create_payment",
    "create_test_live_payment",
    "get_payment",
    "list_payments",
    "preview_payment",
]
