"""Which migrations this code has and a database is at; asked by every process, and by health checks often.

Read from the files themselves: Alembic is for whoever runs them, and a process would load it for the name of one file.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# As Alembic reads them; one line each, as every migration of ours has it.
NAMED = re.compile(r'^(down_)?revision = (?:"(\w+)"|None)$', re.MULTILINE)


def folder() -> Path:
    """Where the migrations are: inside an installed package, or beside `src` in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "migrations"
    return packaged if packaged.is_dir() else package.parents[1] / "migrations"


@cache
def _parents() -> Mapping[str, str]:
    """Every migration, and the one before it; the very first has none."""
    files = (folder() / "versions").glob("*.py")
    both = [{bool(down): name for down, name in NAMED.findall(file.read_text())} for file in files]
    return {named[False]: named[True] for named in both}


@cache
def head() -> str | None:
    """The newest migration of this code."""
    (newest,) = known() - {*_parents().values()}
    return newest


def known() -> frozenset[str]:
    """Every migration of this code."""
    return frozenset(_parents())


async def versions_of(connection: AsyncConnection) -> Sequence[str]:
    """The migrations the database says it is at: one, or none before the first."""
    exists = (
        await connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    ).scalar_one()
    if not exists:
        return []
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
