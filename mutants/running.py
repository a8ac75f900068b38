"""Run tests in a copy of the tree, one run at a time, and read what they say."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Self

from mutants.tree import Tree

# Tests that hang are stopped by their own time-out; this one is for a process that does not even do that.
LONGEST_SECONDS = 600
FAILED = re.compile(r"^FAILED (.+?)(?: - (.*))?$", re.MULTILINE)
# A test whose stage could not be set, which is no test that could not be imported.
UNSTAGED = re.compile(r"^ERROR (\S+::.+?)(?: - (.*))?$", re.MULTILINE)
# What could not be imported: the stage of all tests, or a file of them.
NOT_IMPORTED = re.compile(
    r"^ImportError while loading (conftest).*^E +(.+?)$|^ERROR (\S+\.py) - (.*?)$", re.MULTILINE | re.DOTALL
)
SUMMARY = "short test summary info"
OPTIONS = ("-q", "-rfE", "--tb=short", "--color=no", "-p", "no:cacheprovider", "-o", "timeout=60")
ALL_PASSED, SOME_FAILED = 0, 1


class Ran(NamedTuple):
    """How pytest ended, and what it said."""

    status: int
    output: str

    @property
    def failed(self) -> Sequence[tuple[str, str]]:
        """The tests that failed, each with the first line of its reason."""
        return FAILED.findall(self.output.partition(SUMMARY)[2])

    @property
    def unstaged(self) -> Sequence[tuple[str, str]]:
        """The tests that did not begin because something of the service failed while their stage was set."""
        return UNSTAGED.findall(self.output.partition(SUMMARY)[2])

    @property
    def not_imported(self) -> Sequence[tuple[str, str]]:
        """What could not be imported, and why."""
        found = NOT_IMPORTED.finditer(self.output)
        return [(one[1] or one[3], one[2] or one[4]) for one in found]


class Pytest:
    """`mutants.forking_pytest` for one tree; `is_gone` once a run did not end by itself."""

    def __init__(self, tree: Tree, process: asyncio.subprocess.Process) -> None:
        self._process, self._output = process, tree.path / ".pytest.output"
        self.is_gone = False

    @classmethod
    @asynccontextmanager
    async def of(cls, tree: Tree) -> AsyncIterator[Self]:
        """In a session of its own, so that Ctrl-C reaches only us, and we end it with all that it started."""
        process = await asyncio.create_subprocess_exec(
            *(str(tree.python), "-m", "mutants.forking_pytest"),
            cwd=tree.path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            yield cls(tree, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def run(
        self,
        tests: Sequence[str],
        *options: str,
        environment: Mapping[str, str],
        within: float = LONGEST_SECONDS,
    ) -> Ran:
        """At the end of `within` seconds it counts as gone."""
        asked = {
            "arguments": [*OPTIONS, *options, *tests],
            "environment": environment,
            "output": str(self._output),
        }
        try:
            async with asyncio.timeout(within):
                status = await self._answer_to(asked)
        except (TimeoutError, ValueError):
            self.is_gone, status = True, -1
        return Ran(status, self._output.read_text(errors="replace"))

    async def _answer_to(self, asked: Mapping[str, object]) -> int:
        """Raises `ValueError` when there is nobody to answer."""
        assert self._process.stdin  # noqa: S101 (asked for above)
        assert self._process.stdout  # noqa: S101
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        return int(await self._process.stdout.readline())
