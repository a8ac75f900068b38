"""What a connection to PostgreSQL is: one table of session settings, for every connection the service makes.

They are sent while connecting, so they win over `ALTER ROLE … SET` and `ALTER DATABASE … SET`. How the database is set
up by itself decides nothing that a rule of ours stands on.
"""

import socket
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
# After so many seconds without a sign of life an idle connection is over, after so many milliseconds one that has sent
# something: sooner than a statement's patience ends, and than a standby is promoted.
SILENCE: Mapping[str, int] = {
    "SO_KEEPALIVE": 1,
    "TCP_KEEPIDLE": 3,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 2,
    "TCP_USER_TIMEOUT": 7000,
}
# A notification is answered 200 once it is committed, so what is committed is on disk. Waiting for a standby as well is
# better still, and must not be lowered: therefore this one is looked at before it is raised.
DURABILITY = "synchronous_commit"
DURABLE = ("on", "remote_apply")
MAKE_DURABLE = f"""
SELECT set_config('{DURABILITY}', 'on', false) WHERE current_setting('{DURABILITY}') NOT IN {DURABLE}
"""


async def connect(
    database_url: str,
    *,
    pooled: bool = False,
    **options: Any,  # noqa: ANN401 (asyncpg's own)
) -> asyncpg.Connection:
    """A connection with our session settings. Raises what the driver raises, within seconds.

    `pooled`: each transaction gets another of a pooler's connections, which whoever has it now must not set up. That
    they are as they must be is the role's affair (`deploy/pgbouncer.sql`), and is read back at the start.
    """
    bounded = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS + 2}
    connection = await asyncpg.connect(
        database_url, **bounded | options, server_settings={**NAMED, **({} if pooled else PINNED)}
    )
    try:
        _notice_a_dead_peer(connection)
        if not pooled:
            await connection.execute(MAKE_DURABLE)
    except BaseException:
        connection.terminate()
        raise
    return connection


def _notice_a_dead_peer(connection: asyncpg.Connection) -> None:
    """A machine that lost its power says no goodbye: what waits for it, or lies idle, would be kept for an hour."""
    peer = connection._transport.get_extra_info("socket")  # noqa: SLF001 (the driver has no word for it)
    if peer.family == socket.AF_UNIX:
        return
    for option, number in SILENCE.items():
        if hasattr(socket, option):
            level = socket.SOL_SOCKET if option == "SO_KEEPALIVE" else socket.IPPROTO_TCP
            peer.setsockopt(level, getattr(socket, option), number)


def loosened(session: Mapping[str, str]) -> Iterable[str]:
    """What a session says otherwise than it was told, as `name is value`."""
    for name, pinned in PINNED.items():
        if session[name] != pinned:
            yield f"{name} is {session[name]}"
    if session[DURABILITY] not in DURABLE:
        yield f"{DURABILITY} is {session[DURABILITY]}"
