"""Try changes one after the other, in as many copies of the tree as there are jobs, and keep what was found."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import typer

from billing_service.dev.servers import Servers
from mutants.change import Change
from mutants.results import Results
from mutants.running import Pytest
from mutants.tree import Tree
from mutants.trial import Verdict

Trial = Callable[[Tree, Pytest, Servers, Change], Awaitable[Verdict]]


@dataclass(frozen=True)
class Run:
    """What is tried, where and how, and what was found."""

    servers: Servers
    trees: Sequence[Tree]
    changes: Sequence[Change]
    results: Results
    trial: Trial

    async def try_all(self) -> None:
        waiting = list(reversed(list(enumerate(self.changes, start=1))))
        async with asyncio.TaskGroup() as workers:
            for tree in self.trees:
                workers.create_task(self._work(tree, waiting))

    async def _work(self, tree: Tree, waiting: list[tuple[int, Change]]) -> None:
        while waiting:
            async with Pytest.of(tree) as pytest:
                while waiting and not pytest.is_gone:
                    await self._try(tree, pytest, *waiting.pop())

    async def _try(self, tree: Tree, pytest: Pytest, number: int, change: Change) -> None:
        began = time.monotonic()
        verdict = await self.trial(tree, pytest, self.servers, change)
        self.results.add(change.name, verdict)
        where = f"{change.name} ({change.file}, {time.monotonic() - began:.0f} s)"
        outcome = verdict.noticed_by or "SURVIVED"
        typer.echo(f"[{number}/{len(self.changes)}] {where}\n    {outcome}\n    {verdict.why}")
