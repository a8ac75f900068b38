from .get_payment_method import get_payment_method
from .refuse_payment_method import refuse_payment_method
from .start_card_binding import start_card_binding

__all__ = [
    "get_payment_method",
    "refuse_payment_method",
    "start_card_binding",
]
