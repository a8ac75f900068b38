"""Whether a change is noticed: its tests, with it, on a database of its own."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

from billing_service.dev.servers import Servers
from mutants.change import Change
from mutants.running import ALL_PASSED, LONGEST_SECONDS, SOME_FAILED, Pytest, Ran
from mutants.tree import Tree

CANNOT_BEGIN = "its tests did not run"


class Verdict(NamedTuple):
    """`noticed_by`: the test that failed, None if the change survived. `why`: what it said."""

    noticed_by: str | None
    why: str


async def passes_unchanged(
    pytest: Pytest,
    servers: Servers,
    tests: Sequence[str],
    *options: str,
    within: float = LONGEST_SECONDS,
    **more: str,
) -> Ran:
    """The tests on the tree as it is; they leave the database at head, for `try_out` to copy."""
    environment = _servers(servers, servers.database_url) | more
    return await pytest.run(tests, *options, environment=environment, within=within)


async def try_out(
    tree: Tree, pytest: Pytest, servers: Servers, change: Change, *, stages_count: bool = False
) -> Verdict:
    """Whether one of the change's tests fails with it."""
    with tree.changed_by(change):
        async with _a_database(servers, change) as database_url:
            # No compiled file may outlive the change it was made of.
            environment = _servers(servers, database_url) | {"PYTHONDONTWRITEBYTECODE": "1"}
            ran = await pytest.run(change.noticed_by, "-x", environment=environment)
    return verdict_of(ran, stages_count=stages_count)


def verdict_of(ran: Ran, *, stages_count: bool) -> Verdict:
    """A test that cannot even begin has noticed nothing, unless what failed is the stage it stands on and
    `stages_count`: then a service that cannot even be imported is noticed too.
    """
    if ran.status == ALL_PASSED:
        return Verdict(None, "all of its tests passed")
    if stages_count and (stopped := [*ran.unstaged, *ran.not_imported]):
        return Verdict(*stopped[0])
    if ran.status != SOME_FAILED or not ran.failed:
        return Verdict(None, f"{CANNOT_BEGIN}:\n{ran.output[-2000:]}")
    return Verdict(*ran.failed[0])


def _servers(servers: Servers, database_url: str) -> dict[str, str]:
    return {
        "TEST_DATABASE_URL": database_url,
        "TEST_REDIS_URL": servers.redis_url,
        "COLUMNS": "240",
    }


@asynccontextmanager
async def _a_database(servers: Servers, change: Change) -> AsyncIterator[str]:
    """A copy of the one that the unchanged tests have migrated; an empty one for a change of a migration."""
    server, _, migrated = servers.database_url.rpartition("/")
    name = "changed_" + re.sub(r"\W", "_", change.name.lower())[:50]
    template = "template1" if change.is_migration else migrated
    await _execute(f"{server}/postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"{server}/{name}"
    finally:
        await _execute(f"{server}/postgres", f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
