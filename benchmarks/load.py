"""Load by wrk: so many connections, each asking again as soon as it has been answered."""

import json
import math
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SCRIPT = Path(__file__).with_name("drive.lua")
MISSING = "wrk is not installed: on Debian and Ubuntu apt-get install wrk, on macOS brew install wrk"


class CannotMeasure(Exception):
    """One line that says why there is no figure."""


class Silence(CannotMeasure):
    """Not one request was answered."""


@dataclass(frozen=True)
class Step:
    """One request; `{user}`, `{n}` (its number) and `{run}` are filled in."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What is asked, by how many connections, for users out of a range."""

    steps: tuple[Step, ...]
    users: range = range(1, 2)
    connections: int = 32
    headers: dict[str, str] = field(default_factory=dict)
    refused: bool = False
    """Whether every answer should be a refusal; otherwise none may be."""

    def lasts(self, seconds: float) -> float:
        """How long it is asked: a later step speaks of what was answered a while ago, which must have been asked."""
        return max(seconds, 1.0 if len(self.steps) > 1 else 0.0)


@dataclass(frozen=True)
class Figures:
    """Of one run. Latencies are milliseconds."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float

    @classmethod
    def read(cls, report: dict[str, float]) -> Self:
        rate = report["requests"] / report["seconds"]
        return cls(round(rate, 1), round(report["p50_ms"], 3), round(report["p99_ms"], 3))


def find_wrk() -> str:
    """The program. Raises `CannotMeasure`."""
    if program := shutil.which("wrk"):
        return program
    raise CannotMeasure(MISSING)


def start(url: str, load: Load, *, seconds: float, run: str) -> "subprocess.Popen[str]":
    """Begin asking `url`, for `seconds` rounded up unless it is stopped; `finish` waits for the end.

    `run` makes the names in this run its own.
    """
    headers = [word for name, value in load.headers.items() for word in ("-H", f"{name}: {value}")]
    steps = [word for step in load.steps for word in (step.method, step.path, step.body)]
    command = [
        *(find_wrk(), "-t1", f"-c{load.connections}", f"-d{math.ceil(seconds)}s", "--timeout", "10s"),
        *("-s", str(SCRIPT), *headers, url, "--"),
        *(run, str(load.users.start), str(load.users.stop - 1), *steps),
    ]
    return subprocess.Popen(  # noqa: S603 (no shell)
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_nothing_yet,  # noqa: PLW1509 (main thread, see `stage`)
    )


def _hear_nothing_yet() -> None:
    """Until wrk listens to the word to stop, it goes by unheard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def finish(wrk: "subprocess.Popen[str]", load: Load, *, stop_after: float | None = None) -> Figures:
    """The figures of a run, once it has ended by itself or has been stopped, so many seconds from now.

    Raises `CannotMeasure` when the answers were not what the load expects.
    """
    try:
        said, _ = wrk.communicate(timeout=stop_after)
    except subprocess.TimeoutExpired:
        wrk.send_signal(signal.SIGINT)
        said, _ = wrk.communicate()
    if wrk.returncode:
        raise CannotMeasure(f"wrk failed: {said.strip()}")
    report = json.loads(said.splitlines()[-1])
    if not report["requests"]:
        raise Silence(f"{load.steps[-1].path}: no answer: {report}")
    wrong = report["requests"] - report["refused"] if load.refused else report["refused"]
    if report["broken"] or wrong > report["requests"] / 100:
        raise CannotMeasure(f"{load.steps[-1].path}: not the expected answers: {report}")
    return Figures.read(report)


def measure(url: str, load: Load, *, seconds: float, run: str) -> Figures:
    """Ask for so many seconds. Raises `CannotMeasure`."""
    lasts = load.lasts(seconds)
    if lasts.is_integer():  # as wrk counts by itself
        return finish(start(url, load, seconds=lasts, run=run), load)
    try:
        return finish(start(url, load, seconds=lasts, run=run), load, stop_after=lasts)
    except Silence:  # whoever has just begun to serve takes its time for the first answer
        return measure(url, load, seconds=float(math.ceil(lasts)), run=run)
