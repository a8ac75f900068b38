from .create_grant import create_grant
from .list_periods import list_periods
from .revoke_grant import revoke_grant

__all__ = [
    "create_grant",
    "list_periods",
    "revoke_grant",
]
