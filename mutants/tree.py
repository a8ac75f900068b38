"""A copy of the working tree, in which one change at a time is made and taken back."""

import shutil
import site
import sys
import venv
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
        ".mutants*.json",
        ".env",
    )
)


class Tree:
    """The copy; the working tree itself is only read."""

    def __init__(self, original: Path, path: Path) -> None:
        self.path = path
        shutil.copytree(original, path, ignore=LEFT_OUT)
        self.python = _environment_of(path)

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
        files = (path for path in self.path.rglob("*") if path.is_file() and ".venv" not in path.parts)
        for file in sorted(files):
            digest.update(f"{file.relative_to(self.path)} ".encode() + sha256(file.read_bytes()).digest())
        return digest.hexdigest()


def _environment_of(tree: Path) -> Path:
    """A Python that has everything that this one has, but for which the service is the copy's; its own command too."""
    folder = tree / ".venv"
    venv.create(folder, symlinks=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    beside = "\n".join(f"import site; site.addsitedir({path!r})" for path in site.getsitepackages())
    (packages / "tree.pth").write_text(f"{tree / 'src'}\n{beside}\n")
    command, python = Path(sys.executable).with_name("billing-service"), folder / "bin" / "python"
    copied = folder / "bin" / command.name
    copied.write_text(command.read_text().replace(sys.executable, str(python), 1))
    copied.chmod(0o755)
    return python
