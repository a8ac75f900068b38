"""The server programs out of installed wheels: found, not imported; copied where they cannot be reached."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from billing_service.dev.errors import CannotStart
from billing_service.dev.folders import DataFolder


def installed_program(package: str, pattern: str, folder: DataFolder) -> Path:
    """The program that matches `pattern` inside the package, where the account of `folder` can run it.

    The package itself is never imported: we start the servers ourselves, and its import has effects.
    Raises `CannotStart`.
    """
    program = _search(_site_packages(package), package, pattern)
    if folder.account.can_run(program, "--version"):
        return program
    if folder.account.ours:
        raise CannotStart(
            f"{program} does not run on this machine: name a server of your own (docs/development.md)"
        )
    copy = _search(_copied(package, folder.path / "programs"), package, pattern)
    if not folder.account.can_run(copy, "--version"):
        raise CannotStart(f"{copy} does not run as `{folder.account.name}`: choose another data folder")
    return copy


def _site_packages(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"the package {package} is not installed: run `make setup`, or name a server of your own"
        )
    return Path(spec.submodule_search_locations[0]).parent


def _search(site_packages: Path, package: str, pattern: str) -> Path:
    program = next((site_packages / package).glob(pattern), None)
    if program is None:
        raise CannotStart(
            f"the package {package} holds no {pattern} for this machine: name a server of your own"
        )
    return program


def _copied(package: str, copies: Path) -> Path:
    """A copy of the package and the libraries beside it, for everybody to read and run."""
    copy = copies / f"{package}-{version(package)}"
    # Only root copies, and only root may have written what runs from here.
    if not copy.exists() or copy.stat().st_uid != os.geteuid():
        shutil.rmtree(copy, ignore_errors=True)
        unfinished = copies / f"{copy.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in _site_packages(package).glob(f"{package}*"):
            if part.name in {package, f"{package}.libs"}:
                shutil.copytree(part, unfinished / part.name, symlinks=True, ignore=_needless)
        _open_to_everybody(copies, unfinished)
        unfinished.rename(copy)
    return copy


_needless = shutil.ignore_patterns("include", "__pycache__")


def _open_to_everybody(copies: Path, tree: Path) -> None:
    copies.chmod(0o755)
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
