from .create_refund import create_refund
from .get_refund import get_refund
from .list_refund_requests import list_refund_requests
from .list_refunds import list_refunds
from .refuse_refund_request import refuse_refund_request

__all__ = [
    "create_refund",
    "get_refund",
    "list_refund_requests",
    "list_refunds",
    "refuse_refund_request",
]
