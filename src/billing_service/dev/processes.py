"""One server process: started, waited for, stopped, and never left behind."""

import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

from billing_service.dev.errors import CannotStart
from billing_service.dev.folders import DataFolder, rewrite
from billing_service.dev.lifelines import dies_with_us
from billing_service.dev.orphans import stop_orphan
from billing_service.dev.ports import remembered_port

_PATIENCE = 60.0  # a database that recovers from a crash takes its time


class Server(ABC):
    """A server on 127.0.0.1 with the data of one folder. Its port stays the same from `start` to `start`."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, folder: DataFolder, kind: str, program: Path) -> None:
        self.folder = folder
        self.program = program
        self.data = folder.path / kind
        self.port = remembered_port(folder.path / f"{kind}.port")
        self._pid_file = folder.path / f"{kind}.pid"
        self._log = folder.path / f"{kind}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find the server."""

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """What starts it; names the data folder, by which a later run knows it again."""

    @abstractmethod
    def prepare(self) -> None:
        """Whatever the data folder needs before a start; nothing runs on it now."""

    @abstractmethod
    def is_ready(self, pid: int) -> bool:
        """Whether the process takes connections."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until clients can connect. Raises `CannotStart` with the server's own last words.

        From the main thread only: the kernel ends the server together with the thread that started it.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("servers are started from the main thread")
        self.stop()
        stop_orphan(self._pid_file, self.data, self.stop_signal)
        self.prepare()
        try:
            self._process = self._spawn()
            rewrite(self._pid_file, f"{self._process.pid}\n")
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop and wait for the end; everything acknowledged is on disk. Safe to repeat."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass  # killed below: the data survive that as well, it only takes longer
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._pid_file.unlink(missing_ok=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self._log.unlink(missing_ok=True)
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the servers in our order
                preexec_fn=dies_with_us(self.stop_signal),  # noqa: PLW1509 (main thread, see `start`)
                **self.folder.account.spawn_options,
            )

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _PATIENCE
        while not self.is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.name} does not start in {self.data}: {complaint(self._log.read_bytes())}"
                )
            time.sleep(0.01)


def complaint(output: bytes) -> str:
    """The one line of a server's output that says why it gave up: the first fatal one, else the last."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    fatal = (line for line in lines if "FATAL" in line or "error:" in line)
    return next(fatal, lines[-1] if lines else "it said nothing")
