"""What a database, or the way to it, says when it refuses: one line for the person who has to mend it."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


def refusal_of(error: BaseException) -> str | None:
    """`refuses: permission denied for schema public`, in the server's own words, or `cannot be reached (...)`.

    None for an error that is not the database's. The server's details, hints and our statements are left out: they
    may quote rows; and nobody quotes a password.
    """
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return refusal_of(cause) if cause else None
    if isinstance(error, asyncpg.PostgresError):
        return f"refuses: {_one_line(error.args[0])}"
    if isinstance(error, PoolTimeoutError | TimeoutError):
        return "cannot be reached (no answer in time)"
    if isinstance(error, OSError):
        return f"cannot be reached ({_one_line(error.strerror or str(error))})"
    # asyncpg calls a value of the wrong type an InterfaceError too; that is our bug.
    if isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError):
        return f"cannot be reached ({_one_line(str(error))})"
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
