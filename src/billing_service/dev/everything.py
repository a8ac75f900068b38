"""What `billing-service dev` serves, in one asyncio process."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import Any

import typer
import uvicorn

from billing_service import worker
from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.demo.clock import ClockNotTurned
from billing_service.dev.clock import NO_TIME, SharedClock
from billing_service.dev.interruptions import SIGNALS
from billing_service.dev.panel import let_in
from billing_service.dev.serving import running, serving
from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.serve import SeverableProtocol
from billing_service.web.http_server import BoundedProtocol

WORTH_A_WORD = timedelta(minutes=1)


async def serve_everything(
    settings: Settings,
    sandbox: Sandbox,
    clock: SharedClock,
    *,
    api_socket: socket,
    sandbox_socket: socket,
    ready: Callable[[], None],
) -> None:
    """Serve until a signal comes; `ready` is called once all of it answers. Raises `CannotStart` when a part fails.

    The parts stop in the opposite order: the sandbox last, for what the others still ask it.
    """
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        clock,
        serving("sandbox", _uvicorn(sandbox.app, http=SeverableProtocol), sandbox_socket, stop),
        running("worker", worker.run_until(settings, stop), stop),
        serving("API", _uvicorn(create_app(settings, clock=clock), http=BoundedProtocol), api_socket, stop),
    ):
        if not stop.is_set():
            await _agree(clock)
            await let_in(settings)
            ready()
        await stop.wait()
        typer.echo("stopping")


async def _agree(clock: SharedClock) -> None:
    """One data folder may have been deleted without the other, or a start been killed while the clocks were turned."""
    try:
        ahead = await clock.align()
    except ClockNotTurned as refused:
        typer.echo(refused.message)
        return
    now = await clock.get_now()
    if ahead is not None:
        behind = "the database's" if ahead > NO_TIME else "the sandbox's"
        typer.echo(f"clocks: {behind} was {_rough(abs(ahead))} behind, and has followed")
    if (turned := now - datetime.now(UTC)) > WORTH_A_WORD:
        typer.echo(f"clock: turned {_rough(turned)} ahead; it shows {now:%Y-%m-%d %H:%M} UTC")


def _rough(span: timedelta) -> str:
    """`210 days`, `1 day, 2:00:00`."""
    return str(timedelta(seconds=round(span.total_seconds()))).removesuffix(", 0:00:00")


def _uvicorn(application: Any, **options: Any) -> uvicorn.Config:  # noqa: ANN401 (as uvicorn declares them)
    return uvicorn.Config(
        application,
        interface="asgi3",  # not guessed: a bound method is taken for the older interface
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who is asking is the service's own decision
        timeout_graceful_shutdown=3,
        **options,
    )
