"""The command `billing-service` as it is installed: whichever part of it was asked for is loaded, and nothing else.

A process that runs for long would keep in memory what only an operator's commands need, the sandbox included.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import typer

PROCESSES = {
    "api": "billing_service.processes.api:api",
    "worker": "billing_service.processes.worker:run_worker",
}


def main() -> None:
    """Run what the command line asks for."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked not in PROCESSES:
        with _nothing_becomes_garbage():
            commands = import_module("billing_service.cli")
        commands.app()
        return
    module, _, name = PROCESSES[asked].partition(":")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # so that the command is still named, however many there are
    with _nothing_becomes_garbage():
        process = import_module(module)
    app.command(name=asked)(getattr(process, name))
    app()


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
