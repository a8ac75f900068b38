from .create_refund import create_refund
from .get_refund import get_refund
from .list_refunds import list_refunds

__all__ = [
    "create_refund",
    "get_refund",
    "list_refunds",
]
