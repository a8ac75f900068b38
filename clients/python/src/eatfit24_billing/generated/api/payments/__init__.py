from .ask_for_refund import ask_for_refund
from .create_payment import create_payment
from .create_test_live_payment import create_test_live_payment
from .get_payment import get_payment
from .list_payments import list_payments
from .preview_payment import preview_payment
from .preview_refund_request import preview_refund_request

__all__ = [
    "ask_for_refund",
    "create_payment",
    "create_test_live_payment",
    "get_payment",
    "list_payments",
    "preview_payment",
    "preview_refund_request",
]
