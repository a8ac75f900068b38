"""Whether a session can do the work: it is what `kit/connections` asked for, it may write, and there is room to."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.kit.connections import DURABILITY, PINNED, loosened
from billing_service.schema.tables import needed_rights

SHOWN = text("SELECT name, current_setting(name) FROM unnest(CAST(:names AS text[])) AS name")
IS_READ_ONLY = text("SELECT current_setting('transaction_read_only')::boolean")
MISSING_RIGHT = text("""
SELECT needed."right" || ' on ' || needed."table"
FROM unnest(CAST(:tables AS text[]), CAST(:rights AS text[])) AS needed ("table", "right")
WHERE NOT has_table_privilege(needed."table", needed."right")
LIMIT 1
""")
# More than fits into so little memory is put on the database's disk, and taken away again: whether there is room, in a
# millisecond, without a row, a lock or a line in the log of changes.
LITTLE_MEMORY = text("SET LOCAL work_mem = '64kB'")
OWN_DISK = text("SET LOCAL temp_tablespaces = ''")
USE_SOME_DISK = text("SELECT count(*) FROM generate_series(1, 10000)")


async def read_back(connection: AsyncConnection) -> Mapping[str, str]:
    """What this session says of the settings it was given."""
    shown = await connection.execute(SHOWN, {"names": [*PINNED, DURABILITY]})
    return {row.name: row.current_setting for row in shown}


async def unusable_because(connection: AsyncConnection) -> str | None:
    """Why this session cannot do the work, or None. Raises the driver's error (53100) when the disk is full."""
    if await connection.scalar(IS_READ_ONLY):
        return "read only: it takes no payments now"
    if wrong := ", ".join(loosened(await read_back(connection))):
        return f"its sessions are not what was asked for: {wrong}"
    tables, rights = zip(*needed_rights(), strict=True)
    missing = await connection.scalar(MISSING_RIGHT, {"tables": list(tables), "rights": list(rights)})
    if missing:
        return f"a right is missing: {missing}"
    for statement in (LITTLE_MEMORY, OWN_DISK, USE_SOME_DISK):
        await connection.execute(statement)
    return None
