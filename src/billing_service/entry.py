"""The command `billing-service` as it is installed: whichever part of it was asked for is loaded, and nothing else.

A process that runs for long would keep in memory what only an operator's commands need, the sandbox included.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer

PROCESSES = {
    "api": "billing_service.processes.api:api",
    "worker": "billing_service.processes.worker:run_worker",
}
# What structlog and redis-py load wherever it is installed, and no process of ours ever uses: tracebacks in colour, and
# another pipeline of figures.
UNUSED = frozenset({"rich", "opentelemetry.sdk.metrics"})


def main() -> None:
    """Run what the command line asks for."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked not in PROCESSES:
        with _nothing_becomes_garbage():
            commands = import_module("billing_service.cli")
        commands.app()
        return
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # so that the command is still named, however many there are
    app.command(name=asked)(load(asked))
    app()


def load(process: str) -> Callable[..., Any]:
    """The command of one of `PROCESSES`, and of all that is installed only what it needs."""
    module, _, name = PROCESSES[process].partition(":")
    with _nothing_becomes_garbage(), _not_there(UNUSED):
        command: Callable[..., Any] = getattr(import_module(module), name)
    return command


@contextmanager
def _not_there(modules: Set[str]) -> Iterator[None]:
    """Whoever would use these if they were installed finds that they are not. Afterwards they are."""
    absent = dict.fromkeys(modules - sys.modules.keys())
    sys.modules.update(absent)  # type: ignore[arg-type] # None is Python's own way to say so
    try:
        yield
    finally:
        for module in absent:
            del sys.modules[module]


@contextmanager
def _nothing_becomes_garbage() -> Iterator[None]:
    """What is loaded stays for good: to look for garbage in it again and again takes half of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
