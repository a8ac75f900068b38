"""The command `billing-service` in a fork of a process that has loaded its modules: seconds less than a start anew.

How the installed script starts is for other tests to show: `test_health.py`, `outside.py`, `test_openapi_export.py`.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from billing_service.cli import app

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["billing_service.cli"])


def billing_service() -> None:
    app()


def installed_billing_service() -> None:
    """The script anew in this process, for what is read at its very start."""
    os.execv(Path(sys.executable).with_name("billing-service"), sys.argv)  # noqa: S606 (no shell is meant)


class Forked:
    """A process that has begun; to who started it, what `subprocess.Popen` is.

    It is in `folder`, with this environment and no other, and with these files as its standard streams.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        environment: dict[str, str],
        folder: Path,
        streams: tuple[Path, Path, Path],
        *,
        main: Callable[[], None] = billing_service,
    ) -> None:
        told = (main, arguments, environment, folder, streams)
        self._process = FORKS.Process(target=_run, args=told, daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code, once it has ended: of a signal, less than nothing."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("billing-service", seconds or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


class Ended(NamedTuple):
    """Its exit code, and what it said on either stream."""

    code: int
    output: str
    errors: str


async def run_to_its_end(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: Path,
    *,
    main: Callable[[], None] = billing_service,
    says: str = "",
    is_one_stream: bool = False,
) -> Ended:
    """A process that ends by itself within a minute; `says` is what is typed. As one stream, all is in `output`."""
    with TemporaryDirectory() as kept:
        typed, output, errors = (Path(kept, stream) for stream in ("typed", "output", "errors"))
        typed.write_text(says)
        errors.touch()
        streams = (typed, output, output if is_one_stream else errors)
        process = Forked(arguments, environment, folder, streams, main=main)
        code = await asyncio.to_thread(process.wait, 60)
        return Ended(code, output.read_text(), errors.read_text())


def _run(
    main: Callable[[], None],
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: Path,
    streams: tuple[Path, Path, Path],
) -> None:
    for number, file in enumerate(streams):
        opened = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.argv = ["billing-service", *arguments]
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    main()
