"""The data folder: where the servers keep what they must remember, one run at a time.

lock            held by the run that uses the folder, freed by the kernel however that run ends
postgres.port   the port of last time, taken again when it is free; valkey.port likewise
postgres.pid    the server of the run, so that the next one finds it if it was left behind
postgres.log    what the server of the last run said
env             what the run chose, for commands that are run beside it
postgres/       the data, of the account the server runs as; valkey/ likewise
programs/       a copy of the servers, only when that account cannot reach the installed ones
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from billing_service.dev.accounts import Account, server_account
from billing_service.dev.errors import CannotStart, FolderUnusable


@dataclass(frozen=True)
class DataFolder:
    """A folder we can write to and `account`, whom the servers run as, can reach."""

    path: Path
    account: Account


def usable_folder(path: Path) -> DataFolder:
    """The folder, made when it is missing. Raises `FolderUnusable`, and then leaves nothing behind."""
    path = path.expanduser().resolve()
    try:
        account = server_account(path / "postgres")
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        nearest = missing[-1].parent if missing else path
        if not account.can_enter(nearest):
            raise FolderUnusable(
                f"cannot keep data in {path}: the account `{account.name}` cannot reach {nearest}"
            )
        for folder in reversed(missing):
            _make(folder, account)
        if not os.access(path, os.W_OK):
            raise FolderUnusable(f"cannot keep data in {path}: it is not writable")
        account.make_private(path / "postgres")
        account.make_private(path / "valkey")
    except OSError as error:
        raise FolderUnusable(f"cannot keep data in {path}: {error.strerror}") from error
    return DataFolder(path, account)


def first_usable_folder(wanted: Path, otherwise: Path, notice: Callable[[str], None]) -> DataFolder:
    """The wanted folder or, with a notice that says why, the other one; `FolderUnusable` if neither."""
    try:
        return usable_folder(wanted)
    except FolderUnusable as reason:
        folder = usable_folder(otherwise)
        notice(f"{reason}; they are kept in {folder.path} instead")
        return folder


def folder_elsewhere(checkout: Path) -> Path:
    """A folder for this checkout alone, where such data belong: root's in /var/lib, a person's at home."""
    if os.geteuid() == 0:
        shelf = Path("/var/lib")
    else:
        shelf = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return shelf / "billing-service" / f"{checkout.name}-{sha256(bytes(checkout)).hexdigest()[:8]}"


@contextmanager
def held(folder: DataFolder) -> Iterator[None]:
    """Keep the folder for this run alone. Raises `CannotStart` while another run holds it."""
    # Read-only, so that a lock file left by root does not stop the owner of the folder.
    lock = os.open(folder.path / "lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        _lock(lock, folder.path)
        yield
    finally:
        os.close(lock)


def rewrite(file: Path, text: str) -> None:
    """Replace the file, also one that another account left in our folder."""
    file.unlink(missing_ok=True)
    file.write_text(text)


def _lock(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"{folder} is in use by another run: stop that one, or name another folder"
        ) from None
    except OSError as error:
        raise FolderUnusable(
            f"cannot keep data in {folder}: it cannot be locked ({error.strerror})"
        ) from error


def _make(folder: Path, account: Account) -> None:
    folder.mkdir()
    if not account.ours:
        folder.chmod(0o755)  # whatever root's umask says, the account has to pass
