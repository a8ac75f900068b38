"""`billing-service worker`: the jobs' way in as a process."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
from uvicorn.loops.auto import auto_loop_factory

from billing_service import config, worker
from billing_service.observability import metrics, tracing
from billing_service.operations.worker_check import worker_missing_because
from billing_service.processes.starting import load_or_stop, load_settings, or_say_why, stop_because


def run_worker(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Start nothing: say by the exit code whether a worker of this host is at work."
        ),
    ] = False,
) -> None:
    """Work off the job queue until SIGTERM or Ctrl-C."""
    if check:
        trouble = asyncio.run(worker_missing_because(load_or_stop(config.load_database).direct_url))
        if trouble:
            stop_because(trouble)
        typer.echo("a worker of this host is at work")
        return
    settings = load_settings()
    # On the event loop that the API runs on.
    with _seen_from_outside(settings), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        or_say_why(lambda: runner.run(_work(settings)))


async def _work(settings: config.Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await worker.run_until(settings, stop)


@contextmanager
def _seen_from_outside(settings: config.Settings) -> Iterator[None]:
    """The counters and the traces of a process that serves no HTTP by itself."""
    port = settings.worker_metrics_port
    with tracing.exporting(settings.otel_exporter_otlp_endpoint, "billing-worker"), ExitStack() as stack:
        try:
            stack.enter_context(metrics.served(port))
        except OSError:
            stop_because(f"billing-service will not start: WORKER_METRICS_PORT: {port} is taken")
        yield
