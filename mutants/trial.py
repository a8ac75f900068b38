"""Run the tests that should notice a change, on a database of its own, and read what they say."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from billing_service.dev.servers import Servers
from mutants.change import Change
from mutants.tree import Tree

# Tests that hang are stopped by their own time-out; this one is for a process that does not even do that.
LONGEST_SECONDS = 600
FAILED = re.compile(r"^FAILED (\S+?)(?: - (.*))?$", re.MULTILINE)
SUMMARY = "short test summary info"
ALL_PASSED, SOME_FAILED = 0, 1


class Verdict(NamedTuple):
    """`noticed_by`: the test that failed, None if the change survived. `why`: what it said."""

    noticed_by: str | None
    why: str


class Ran(NamedTuple):
    status: int
    output: str

    @property
    def failed(self) -> Sequence[tuple[str, str]]:
        """The tests that failed, each with the first line of its reason."""
        return FAILED.findall(self.output.partition(SUMMARY)[2])


async def passes_unchanged(tree: Tree, servers: Servers, tests: Sequence[str]) -> Ran:
    """The tests on the tree as it is; they leave the database at head, for `try_out` to copy."""
    return await _pytest(tree.path, servers, servers.database_url, tests)


async def try_out(tree: Tree, servers: Servers, change: Change) -> Verdict:
    """Whether one of the change's tests fails with it. A test that cannot even begin has noticed nothing."""
    with tree.changed_by(change):
        async with _a_database(servers, change) as database_url:
            ran = await _pytest(tree.path, servers, database_url, change.noticed_by, "-x")
    if ran.status == ALL_PASSED:
        return Verdict(None, "all of its tests passed")
    if ran.status != SOME_FAILED or not ran.failed:
        return Verdict(None, f"its tests did not run:\n{ran.output[-2000:]}")
    return Verdict(*ran.failed[0])


@asynccontextmanager
async def _a_database(servers: Servers, change: Change) -> AsyncIterator[str]:
    """A copy of the one that the unchanged tests have migrated; an empty one for a change of a migration."""
    server, _, migrated = servers.database_url.rpartition("/")
    name = "changed_" + re.sub(r"\W", "_", change.name)[:50]
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


async def _pytest(
    root: Path, servers: Servers, database_url: str, tests: Sequence[str], *options: str
) -> Ran:
    """In a session of its own, so that Ctrl-C reaches only us, and we end it with all that it started."""
    options = (
        "-q",
        "-rf",
        "--tb=short",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=60",
        *options,
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", *options, *tests),
        cwd=root,
        env=_environment(root, servers, database_url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        return Ran(-1, f"no end after {LONGEST_SECONDS} s")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return Ran(process.returncode or ALL_PASSED, said.decode(errors="replace"))


def _environment(root: Path, servers: Servers, database_url: str) -> dict[str, str]:
    """The copy's code wins over the installed one. No compiled file may outlive the change it was made of."""
    return os.environ | {
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TEST_DATABASE_URL": database_url,
        "TEST_REDIS_URL": servers.redis_url,
        "COLUMNS": "240",
    }
