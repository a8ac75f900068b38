"""What a connection to PostgreSQL is: one table of session settings, for every connection the service makes.

They are sent while connecting, so they win over `ALTER ROLE … SET` and `ALTER DATABASE … SET`. How the database is set
up by itself decides nothing that a rule of ours stands on.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

# Nothing waits for ever: not for a connection, not for an answer, not for a lock.
CONNECT_SECONDS, POOL_SECONDS, STATEMENT_SECONDS = 5, 5, 8
NAMED: Mapping[str, str] = {"application_name": "billing-service"}
# In the words in which PostgreSQL shows them: they are read back and compared.
PINNED: Mapping[str, str] = {
    # Every lock-then-look of ours counts on a statement that sees what was committed while it waited for the lock.
    "default_transaction_isolation": "read committed",
    "TimeZone": "UTC",
    "jit": "off",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{STATEMENT_SECONDS - 1}s",
    "idle_in_transaction_session_timeout": "20s",
}
# A notification is answered 200 once it is committed, so what is committed is on disk. Waiting for a standby as well is
# better still, and must not be lowered: therefore this one is looked at before it is raised.
DURABILITY = "synchronous_commit"
DURABLE = ("on", "remote_apply")
MAKE_DURABLE = f"""
SELECT set_config('{DURABILITY}', 'on', false) WHERE current_setting('{DURABILITY}') NOT IN {DURABLE}
"""


async def connect(database_url: str, **options: Any) -> asyncpg.Connection:  # noqa: ANN401 (asyncpg's own)
    """A connection with our session settings. Raises what the driver raises, within seconds."""
    bounded = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS + 2}
    connection = await asyncpg.connect(database_url, **bounded | options, server_settings={**NAMED, **PINNED})
    try:
        await connection.execute(MAKE_DURABLE)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _nothing_to_reset(_connection: object) -> None:
    """Our statements leave nothing behind on a connection, and asyncpg's own reset would undo `MAKE_DURABLE`."""


def create_pool(database_url: str, *, min_size: int, max_size: int) -> asyncpg.Pool:
    """A pool of such connections; it connects when it is awaited or entered."""
    return asyncpg.create_pool(
        database_url,
        connect=connect,
        min_size=min_size,
        max_size=max_size,
        max_inactive_connection_lifetime=300,
        reset=_nothing_to_reset,
    )


def loosened(session: Mapping[str, str]) -> Iterable[str]:
    """What a session says otherwise than it was told, as `name is value`."""
    for name, pinned in PINNED.items():
        if session[name] != pinned:
            yield f"{name} is {session[name]}"
    if session[DURABILITY] not in DURABLE:
        yield f"{DURABILITY} is {session[DURABILITY]}"
