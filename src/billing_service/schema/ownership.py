"""Whose database this is. Nothing of ours is ever done to somebody else's."""

from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.schema.tables import PINNED

# Every migration has left these tables behind, the first one already.
MISSING = text("SELECT name FROM unnest(CAST(:names AS text[])) name WHERE to_regclass(name) IS NULL")
SAYS = text("SELECT to_regclass('schema_compatibility')::text")
# Tables of extensions are nobody's, and a clock that can be turned may be made before anything else.
SOMETHING = text("""
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_'
        AND n.nspname NOT IN ('information_schema', 'turnable_clock') AND c.oid::regclass::text <> 'alembic_version'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1 LIMIT 1
""")


class ForeignDatabase(Exception):
    """One line that says by what it was recognised."""


async def foreign_because(
    connection: AsyncConnection, versions: Sequence[str], known: Collection[str]
) -> str | None:
    """By what it is seen that another program has migrated this database; else None.

    `versions` is what its `alembic_version` says, `known` are this release's migrations.
    """
    unknown = [version for version in versions if version not in known]
    if unknown and not await compatible_from(connection):
        return (
            f"its alembic_version says {', '.join(map(repr, unknown))}, which is no migration of this release: it "
            "belongs to another program"
        )
    if versions and (missing := (await connection.scalars(MISSING, {"names": list(PINNED)})).all()):
        return (
            f"its alembic_version says {versions[0]!r}, but it has no table {missing[0]}: it belongs to another "
            "program"
        )
    return None


async def compatible_from(connection: AsyncConnection) -> str | None:
    """The oldest migration whose code may use this database; None if it does not say (it is older, or not ours)."""
    says: str | None = await connection.scalar(SAYS)
    return says and await connection.scalar(text("SELECT compatible_from FROM schema_compatibility"))


async def something_in(connection: AsyncConnection) -> str | None:
    """The name of a table (view, sequence) in a database that no migration has touched; None if it is empty."""
    found: str | None = await connection.scalar(SOMETHING)
    return found
