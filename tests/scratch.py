"""Databases of a test's own beside the shared one, and the shape a database really has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from billing_service.schema import migrate

# Postgres names NOT NULL constraints itself (from version 18 on); everything else has a name of ours.
SHAPE = """
SELECT 'column', c.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                 pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''), nullif(a.attgenerated, ''))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> 0
UNION ALL
SELECT 'index', tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, pg_get_functiondef(p.oid) FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND NOT EXISTS (
    SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e'
)
UNION ALL
SELECT 'enum', t.typname || '.' || e.enumlabel, e.enumsortorder::text
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
"""

Shape = dict[tuple[str, str], str]
"""Columns, constraints, indexes, triggers, functions and enums: (kind, table.name) and how it is defined."""


@asynccontextmanager
async def scratch_database(database_url: str) -> AsyncIterator[str]:
    """The address of an empty database on the same server, dropped at the end."""
    name = f"scratch_{uuid4().hex}"
    await execute(database_url, f"CREATE DATABASE {name}")
    try:
        yield database_url.rpartition("/")[0] + f"/{name}"
    finally:
        await execute(database_url, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def migrated_database(database_url: str) -> AsyncIterator[str]:
    """A scratch database at the newest migration, with the clock of production."""
    async with scratch_database(database_url) as url:
        await asyncio.to_thread(migrate.upgrade, url)
        yield url


async def execute(database_url: str, sql: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def shape_of(database_url: str) -> Shape:
    """What is in the schema `public`."""
    connection = await asyncpg.connect(database_url)
    try:
        return {(kind, name): definition for kind, name, definition in await connection.fetch(SHAPE)}
    finally:
        await connection.close()


def only(shape: Shape, *tables: str) -> Shape:
    """The columns, constraints and indexes of these tables."""
    return {key: definition for key, definition in shape.items() if key[1].partition(".")[0] in tables}
