"""Lets a process stand still inside a statement of its own, until a test has looked at it, or has killed it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NewType

import asyncpg

from tests.bad_days.processes import Running

GATE = 4711
WAITING = """
SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND objid = $1 AND NOT granted
"""
Fate = NewType("Fate", str)
# PostgreSQL hears that its client is gone, and undoes what was not committed.
UNDONE = Fate(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) waiting")  # noqa: S608
# PostgreSQL does not know yet that nobody listens.
FINISHED = Fate("SELECT pg_advisory_unlock($1)")
FUNCTION = f"""
CREATE OR REPLACE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN coalesce(NEW, OLD); END'
"""


@dataclass
class Standstill:
    """Somebody stands at the gate, or will; perhaps more than one."""

    connection: asyncpg.Connection

    async def reached(self, by: int = 1) -> None:
        async with asyncio.timeout(30):
            while len(await self.connection.fetch(WAITING, GATE)) < by:  # noqa: ASYNC110 (another process's doing)
                await asyncio.sleep(0.02)

    async def meet(self, fate: Fate) -> None:
        """The process is gone: now this becomes of the statement it stood in."""
        await self.connection.execute(fate, GATE)


async def killed_in(
    process: Running,
    database_url: str,
    where: str,
    fate: Fate,
    *acts: Coroutine[Any, Any, object],
    standing: int = 1,
) -> None:
    """What is done brings the process there, so often; it is killed, and this becomes of what it stood in."""
    async with standstill(database_url, where) as gate:
        acting = [asyncio.create_task(act) for act in acts]
        await gate.reached(standing)
        process.kill()
        await asyncio.gather(*acting)
        await gate.meet(fate)


@asynccontextmanager
async def standstill(database_url: str, where: str) -> AsyncIterator[Standstill]:
    """`where` is the middle of a CREATE TRIGGER: `TRIGGER {} BEFORE DELETE ON pgqueuer`."""
    table = where.split(" ON ")[1].split(maxsplit=1)[0]
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(FUNCTION)
        named = where.format("stand_still")
        await connection.execute(f"CREATE {named} FOR EACH ROW EXECUTE FUNCTION stand_still()")
        await connection.execute("SELECT pg_advisory_lock($1)", GATE)
        yield Standstill(connection)
    finally:
        await connection.execute("SELECT pg_advisory_unlock_all()")
        await connection.execute(f"DROP TRIGGER IF EXISTS stand_still ON {table}")
        await connection.execute("DROP FUNCTION IF EXISTS stand_still()")
        await connection.close()
