"""A copy of the working tree, in which one change at a time is made and taken back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from mutants.change import Change

LEFT_OUT = shutil.ignore_patterns(
    *(
        ".git",
        ".venv",
        ".dev",
        "node_modules",
        "__pycache__",
        ".*_cache",
        ".hypothesis",
        ".mutants.json",
        ".env",
    )
)


class Tree:
    """The copy; the working tree itself is only read."""

    def __init__(self, original: Path, path: Path) -> None:
        self.path = path
        shutil.copytree(original, path, ignore=LEFT_OUT)

    @contextmanager
    def changed_by(self, change: Change) -> Iterator[None]:
        """The change is there until the end of the block.

        The time of the file comes back too, so that the compiled file beside it is right again.
        """
        file = self.path / change.file
        kept = shutil.copy2(file, file.with_name(f"{file.name}.before"))
        file.write_text(change.applied_to(file.read_text()))
        try:
            yield
        finally:
            Path(kept).replace(file)

    def fingerprint(self) -> str:
        """The same for the same text of every file."""
        digest = sha256()
        for file in sorted(path for path in self.path.rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(self.path)} ".encode() + sha256(file.read_bytes()).digest())
        return digest.hexdigest()
