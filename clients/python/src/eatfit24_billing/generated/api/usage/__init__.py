from .commit_usage import commit_usage
from .consume_usage import consume_usage
from .extend_usage import extend_usage
from .get_usage import get_usage
from .release_usage import release_usage
from .reserve_usage import reserve_usage
from .reset_usage import reset_usage

__all__ = [
    "commit_usage",
    "consume_usage",
    "extend_usage",
    "get_usage",
    "release_usage",
    "reserve_usage",
    "reset_usage",
]
