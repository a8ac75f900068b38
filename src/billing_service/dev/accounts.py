"""Whom a database server runs as: PostgreSQL refuses to run as root, so root lends it another account."""

import os
import pwd
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing_service.dev.errors import CannotStart
from billing_service.dev.lifelines import dies_with_us


@dataclass(frozen=True)
class Account:
    """An account of this machine; `ours` when this very process runs as it."""

    name: str
    uid: int
    gid: int
    ours: bool

    @property
    def spawn_options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this account, with nothing of our own environment."""
        drop = {} if self.ours else {"user": self.uid, "group": self.gid, "extra_groups": ()}
        # The PG* variables and the locale of the person at the keyboard would change what the server does.
        return {**drop, "cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}

    def run(self, *command: str | Path, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Run a short command to its end. Raises `OSError` when this account cannot even start it."""
        return subprocess.run(  # noqa: S603 (our own programs, no shell)
            command,
            input=stdin,
            capture_output=True,
            check=False,
            start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we end the command
            preexec_fn=dies_with_us(signal.SIGTERM),
            **self.spawn_options,
        )

    def can_run(self, *command: str | Path) -> bool:
        """Whether the command exits with 0 for this account: found out by trying, all else is a guess."""
        try:
            return self.run(*command).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        return self.can_run("/bin/sh", "-c", 'cd -- "$0"', folder)

    def make_private(self, folder: Path) -> None:
        """Make a folder for this account alone. Safe to repeat; raises `OSError` where that cannot be."""
        folder.mkdir(exist_ok=True)
        if not self.ours:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        if folder.stat().st_mode & 0o077:
            raise PermissionError(0, "this file system keeps no permissions", str(folder))


def server_account(data: Path) -> Account:
    """Ourselves; for root the owner of the data that is there already, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Account(_name(os.geteuid()), os.geteuid(), os.getegid(), ours=True)
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid, ours=False)
    for name in ("postgres", "nobody"):
        if entry := _entry(name):
            return Account(name, entry.pw_uid, entry.pw_gid, ours=False)
    raise CannotStart(
        "PostgreSQL never runs as root, and there is no account `postgres` or `nobody` to lend it"
    )


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
