from .count_subscribers import count_subscribers
from .list_series import list_series
from .sum_revenue import sum_revenue

__all__ = [
    "count_subscribers",
    "list_series",
    "sum_revenue",
]
