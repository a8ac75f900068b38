from .create_grant import create_grant
from .give_to_many import give_to_many
from .list_periods import list_periods
from .revoke_grant import revoke_grant
from .revoke_grant_batch import revoke_grant_batch

__all__ = [
    "create_grant",
    "give_to_many",
    "list_periods",
    "revoke_grant",
    "revoke_grant_batch",
]
