"""Structured logs: static event names, ids as fields, the request's id bound once. JSON in prod, readable in dev."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from billing_service.kit.wire import json_of


def _to_json(event: EventDict, **_: object) -> str:
    return json_of(event).decode()


def configure(*, readable: bool, to: TextIO = sys.stdout) -> None:
    """Route our own and every library's lines through one renderer: to standard output, or where standard output is an
    answer to somebody, beside it."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=to.isatty())
        if readable
        else structlog.processors.JSONRenderer(serializer=_to_json)
    )
    sink = logging.StreamHandler(to)
    sink.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # https://docs.python.org/3/howto/logging.html#optimization: what no line of ours shows is not collected for each.
    logging._srcfile = None  # noqa: SLF001 (documented there)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [sink]
    root.setLevel(logging.INFO)
    # One line a call of our own says more; theirs would repeat it, with addresses.
    for noisy in ("httpx2", "httpcore2", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
