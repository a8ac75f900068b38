"""Plant a fault in a copy of the code, and see whether the simulation finds it: what finds nothing proves nothing."""

import json
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mutants.change import Change
from mutants.tree import Tree

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).parent / "planted.toml"
AT_MOST = 50


class Found(NamedTuple):
    """The first seed that finds it, and what it says."""

    seed: int
    findings: Sequence[str]


class NoHistory(Exception):
    """A world ended with an error and nothing of it was written down: the fault was neither found nor missed."""


@dataclass(frozen=True)
class Planted:
    """A fault: what is changed, the promise that this breaks, and a part of what must be said then.

    `seed` finds it, in a world of `days` days.
    """

    name: str
    promise: str
    says: str
    changes: Sequence[Change]
    seed: int
    days: int

    @contextmanager
    def in_tree(self, tree: Tree) -> Iterator[None]:
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(tree.changed_by(change))
            yield

    def stale(self, root: Path) -> Sequence[str]:
        """Why it can no longer be planted; nothing if it can."""
        return [f"{self.name}: {reason}" for change in self.changes for reason in change.stale(root)]


def load() -> Sequence[Planted]:
    return [_read(facts) for facts in tomllib.loads(LIST.read_text())["fault"]]


def _read(facts: dict[str, Any]) -> Planted:
    changes = [
        Change(name=facts["name"], promise=facts["promise"], noticed_by=(), **change)
        for change in facts.pop("changes")
    ]
    return Planted(**{"seed": 1, "days": 60} | facts, changes=changes)


def find(
    tree: Tree, planted: Planted, servers: tuple[str, str], seeds: Sequence[int], users: int = 20
) -> Found | None:
    """Let worlds live on the changed code, one seed after the other, until one finds it. Raises `NoHistory`."""
    with planted.in_tree(tree):
        for seed in seeds:
            findings = _findings(tree, servers, seed, planted.days, users)
            if any(planted.says in finding for finding in findings):
                return Found(seed, findings)
    return None


def _findings(tree: Tree, servers: tuple[str, str], seed: int, days: int, users: int) -> Sequence[str]:
    kept, (postgres, valkey) = tree.path / "histories.json", servers
    kept.unlink(missing_ok=True)
    asked = {
        "--seeds": seed,
        "--days": days,
        "--users": users,
        "--json": kept,
        "--postgres": postgres,
        "--valkey": valkey,
    }
    words = [str(word) for option in asked.items() for word in option]
    ran = subprocess.run(  # noqa: S603 (our own words)
        [str(tree.python), "-m", "simulation", *words],
        cwd=tree.path,
        capture_output=True,
        text=True,
        check=False,
    )
    if not kept.exists():
        raise NoHistory(f"seed {seed}: {(ran.stderr.strip() or f'code {ran.returncode}').splitlines()[-1]}")
    return [finding for history in json.loads(kept.read_text()) for finding in history["findings"]]
