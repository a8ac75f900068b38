"""Traces: where the time of one request went, in this process, the database, Redis, YooKassa and the job it left.

Off until somebody names a collector.
"""

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module


def exporting(endpoint: str | None, process: str) -> AbstractContextManager[None]:
    """Send the spans of this process to the OTLP/HTTP collector at `endpoint`, until the end of the block.

    Without an endpoint nothing is loaded, patched or started. Once a process: OpenTelemetry knows one provider.
    """
    if not endpoint:
        return nullcontext()
    spans = import_module("billing_service.observability.spans")
    return spans.exported(endpoint, process)  # type: ignore[no-any-return]
