"""Servers left behind by a run that was killed: only where the kernel does not end them with their parent."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from billing_service.dev.errors import CannotStart


def stop_orphan(pid_file: Path, data: Path, stop_signal: signal.Signals, *, patience: float = 15) -> None:
    """End the server of `pid_file` if it still works on `data`. Call while holding the data folder.

    A process id alone proves nothing, it may belong to a stranger by now: the command must name the data.
    """
    pid = recorded_pid(pid_file)
    if not works_on(data, pid):
        return
    deadline = time.monotonic() + patience
    with suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    while works_on(data, pid):
        if time.monotonic() > deadline:
            raise CannotStart(
                f"process {pid} of an earlier run still uses {data} and does not stop: end it first"
            )
        time.sleep(0.02)


def recorded_pid(pid_file: Path) -> int:
    """The number on the file's first line, 0 when there is none."""
    try:
        return int(pid_file.read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return 0


def works_on(data: Path, pid: int) -> bool:
    return pid > 0 and bytes(data) in _command(pid)


def _command(pid: int) -> bytes:
    """The command line of a living process, empty for a dead one and for one that nobody has buried yet."""
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        return b""
    ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, check=False).stdout  # noqa: S603 (constants and a number)
