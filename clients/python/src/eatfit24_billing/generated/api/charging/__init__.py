from .get_charging import get_charging
from .switch_charging import switch_charging

__all__ = [
    "get_charging",
    "switch_charging",
]
