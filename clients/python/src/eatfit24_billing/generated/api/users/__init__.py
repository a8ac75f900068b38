from .erase_user import erase_user
from .get_timeline import get_timeline
from .get_user_state import get_user_state
from .list_subscribers import list_subscribers
from .move_user import move_user
from .query_users import query_users

__all__ = [
    "erase_user",
    "get_timeline",
    "get_user_state",
    "list_subscribers",
    "move_user",
    "query_users",
]
