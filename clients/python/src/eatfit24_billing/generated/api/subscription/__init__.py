from .get_me import get_me
from .get_subscription import get_subscription
from .set_autorenew import set_autorenew

__all__ = [
    "get_me",
    "get_subscription",
    "set_autorenew",
]
