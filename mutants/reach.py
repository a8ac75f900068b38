"""Which tests run which line, and how long each takes: known from one run of them under coverage."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from coverage import CoverageData

# What one change may cost before it counts as a survivor; the slowest tests are left out.
FIRST_SECONDS, LONGEST_SECONDS = 5.0, 60.0


@dataclass(frozen=True)
class Reach:
    """By file and line, the ids of the tests that run it; and how long each test takes."""

    by_line: Mapping[str, Mapping[int, frozenset[str]]]
    seconds: Mapping[str, float]

    @classmethod
    def read(cls, root: Path, coverage: Path, seconds: Path) -> Self:
        """What `pytest --cov-context=test -p mutants.seconds` wrote about the tree at `root`; no test that failed."""
        data, passed = CoverageData(str(coverage)), json.loads(seconds.read_text())
        data.read()
        by_line = {}
        for file in data.measured_files():
            contexts = data.contexts_by_lineno(file)
            name = str(Path(file).relative_to(root))
            by_line[name] = {line: frozenset(_tests(of, passed)) for line, of in contexts.items()}
        return cls(by_line, passed)

    def waves(self, file: str, line: int) -> Sequence[Sequence[str]]:
        """The tests of this line, the quickest first: what a few seconds allow, then what patience allows.

        A line that runs as its file is imported, or goes on with the one before, belongs to all tests of the file.
        """
        lines = self.by_line.get(file, {})
        tests = lines.get(line) or frozenset().union(*lines.values())
        quickest = sorted(tests, key=lambda test: (self.seconds[test], test))
        first = _within(FIRST_SECONDS, quickest, self.seconds)
        rest = _within(LONGEST_SECONDS, quickest[len(first) :], self.seconds)
        return [wave for wave in (first, rest) if wave]


def _tests(contexts: Iterable[str], passed: Mapping[str, float]) -> Iterator[str]:
    tests = (context.rpartition("|")[0] for context in contexts)
    return (test for test in tests if test in passed)


def _within(limit: float, tests: Sequence[str], seconds: Mapping[str, float]) -> Sequence[str]:
    """At least one, if there is one."""
    taken: list[str] = []
    sum_ = 0.0
    for test in tests:
        sum_ += seconds[test]
        if taken and sum_ > limit:
            break
        taken.append(test)
    return taken
