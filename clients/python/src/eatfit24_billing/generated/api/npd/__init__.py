from .get_npd_summary import get_npd_summary
from .list_npd_register import list_npd_register
from .mark_npd_registered import mark_npd_registered

__all__ = [
    "get_npd_summary",
    "list_npd_register",
    "mark_npd_registered",
]
