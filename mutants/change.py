"""A change: what is replaced where, the promise that this breaks, and the tests that should notice."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).parent / "changes"


@dataclass(frozen=True)
class Change:
    """One text of one file replaced by another. `noticed_by`: ids or files of tests, of which one must fail."""

    name: str
    file: str
    before: str
    after: str
    promise: str
    noticed_by: Sequence[str]

    @property
    def is_migration(self) -> bool:
        """Whether only a database that is made anew knows of it."""
        return self.file.startswith("migrations/")

    def applied_to(self, text: str) -> str:
        return text.replace(self.before, self.after)

    def stale(self, root: Path) -> Iterator[str]:
        """Why it can no longer be tried in this tree; nothing if it can."""
        found = (root / self.file).read_text().count(self.before) if (root / self.file).exists() else 0
        if found != 1:
            yield f"the text before is found {found} times in {self.file}"
        if self.before == self.after:
            yield "it changes nothing"
        for test in self.noticed_by:
            file, _, name = test.partition("::")
            if not (root / file).is_file() or (name and f"def {name}(" not in (root / file).read_text()):
                yield f"there is no test {test}"


def load() -> Sequence[Change]:
    """All changes there are, in the order of their lists."""
    return [
        Change(**facts, noticed_by=tuple(noticed_by))
        for path in sorted(LISTS.glob("*.toml"))
        for facts, noticed_by in _read(path)
    ]


def _read(path: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    for facts in tomllib.loads(path.read_text())["change"]:
        noticed_by = facts.pop("noticed_by")
        yield facts, noticed_by


def chosen(changes: Sequence[Change], only: Sequence[str]) -> Sequence[Change]:
    """Those with one of these names, or in files whose path holds one of these words; all without any.

    Raises `LookupError`.
    """
    unknown = [word for word in only if not any(_is_meant(change, word) for change in changes)]
    if unknown:
        raise LookupError(", ".join(unknown))
    return [change for change in changes if not only or any(_is_meant(change, word) for word in only)]


def _is_meant(change: Change, word: str) -> bool:
    return word == change.name or word in change.file
