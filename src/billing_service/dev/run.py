"""`billing-service dev`: servers, sandbox, API with the demo, and worker, in one process that Ctrl-C ends."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from billing_service.dev.banner import COMMANDS, banner
from billing_service.dev.clock import SharedClock, leap_of
from billing_service.dev.errors import CannotStart
from billing_service.dev.everything import serve_everything
from billing_service.dev.folders import DataFolder, first_usable_folder, folder_elsewhere, held, usable_folder
from billing_service.dev.interruptions import ignore_signals, signals_interrupt
from billing_service.dev.migrations import migrate, refuse_unusable
from billing_service.dev.ports import listening
from billing_service.dev.postgres import embedded_postgres
from billing_service.dev.settings import (
    ENV_FILE,
    choices,
    dev_settings,
    environment,
    forget_environment,
    refuse_production,
)
from billing_service.dev.valkey import embedded_valkey
from billing_service.kit import logging
from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.model.state import UnreadableState
from billing_service.sandbox.serve import public_url


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    port: int = 8000
    sandbox_port: int = 8010
    data_dir: Path | None = None
    ignore_env: bool = False
    allow_production: bool = False


def run(wishes: Wishes) -> None:
    """Run everything until Ctrl-C, SIGTERM or the end of the terminal; then stop all of it and return.

    Exits with code 1 and one line on standard error when something cannot start.
    """
    try:
        with signals_interrupt(), ExitStack() as stack:
            _run(stack, wishes)
    except KeyboardInterrupt:
        pass  # before everything ran; what ran by then is stopped
    except CannotStart as error:
        raise SystemExit(f"billing-service dev: {error}") from None
    _say("stopped")


def _run(stack: ExitStack, wishes: Wishes) -> None:
    port, sandbox_port = wishes.port, wishes.sandbox_port
    said = _environment(wishes)
    api_socket = stack.enter_context(listening(port, "--port"))
    sandbox_socket = stack.enter_context(listening(sandbox_port, "--sandbox-port"))
    folder = stack.enter_context(_data_folder(wishes.data_dir))
    database_url, redis_url = _database(stack, folder, said), _redis(stack, folder, said)
    env_file = None if wishes.ignore_env else ENV_FILE
    settings = dev_settings(port, sandbox_port, database_url, redis_url, said=said, env_file=env_file)
    clock = SharedClock(settings)
    sandbox = _sandbox(folder, port, sandbox_port, clock, said)
    chosen = choices(port, sandbox_port, database_url, redis_url, said=said)
    _tell_commands(folder, {} if wishes.ignore_env else chosen)
    _say("database: bringing it to the newest migration")
    migrate(database_url, allow_production=wishes.allow_production)
    refuse_unusable(settings)
    logging.configure(readable=settings.is_dev)
    asyncio.run(
        serve_everything(
            settings,
            sandbox,
            clock,
            api_socket=api_socket,
            sandbox_socket=sandbox_socket,
            ready=lambda: _say(banner(settings, port, sandbox_port, folder.path, said)),
        )
    )
    ignore_signals()  # the servers stop now, and nothing is left to interrupt


def _tell_commands(folder: DataFolder, chosen: Mapping[str, str]) -> None:
    """For commands beside this process; nothing where they would read an environment that it leaves aside."""
    file = folder.path / COMMANDS
    if chosen:
        file.write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
    else:
        file.unlink(missing_ok=True)


def _environment(wishes: Wishes) -> Mapping[str, str]:
    if wishes.ignore_env:
        forget_environment()
        return {}
    said = environment(os.environ)
    if not wishes.allow_production:
        refuse_production(said)
    return said


@contextmanager
def _data_folder(data_dir: Path | None) -> Iterator[DataFolder]:
    if data_dir:
        folder = usable_folder(data_dir)
    else:
        here = Path.cwd()
        folder = first_usable_folder(here / ".dev", folder_elsewhere(here), notice=_say)
    with held(folder):
        yield folder


def _database(stack: ExitStack, folder: DataFolder, said: Mapping[str, str]) -> str:
    if own := said.get("DATABASE_URL"):
        _say("PostgreSQL: yours, from DATABASE_URL")
        return own
    _say("PostgreSQL: starting (the first time takes a moment longer)")
    return stack.enter_context(embedded_postgres(folder)).url


def _redis(stack: ExitStack, folder: DataFolder, said: Mapping[str, str]) -> str:
    if own := said.get("REDIS_URL"):
        _say("Redis: yours, from REDIS_URL")
        return own
    _say("Valkey: starting")
    return stack.enter_context(embedded_valkey(folder)).url


def _sandbox(
    folder: DataFolder, port: int, sandbox_port: int, clock: SharedClock, said: Mapping[str, str]
) -> Sandbox:
    public = said.get("SANDBOX_PUBLIC_URL")
    try:
        return Sandbox(
            notify_url=f"http://127.0.0.1:{port}/api/v1/billing/webhooks/yookassa",
            base_url=public_url(public) if public else f"http://localhost:{sandbox_port}",
            state_file=folder.path / "sandbox.json",
            leap=leap_of(clock),
            shop_page=f"http://localhost:{port}/demo/",
        )
    except (UnreadableState, ValueError) as error:
        raise CannotStart(str(error)) from error


def _say(line: str) -> None:
    typer.echo(line)
