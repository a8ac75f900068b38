"""The spans of this process: who makes them, which are made, and what of them goes out.

FastAPI makes those of requests by itself as soon as there is a provider.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, Status, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from pgqueuer.adapters.tracing.opentelemetry import OpenTelemetryTracing
from pgqueuer.ports import tracing as jobs

# A collector that is away must not hold up a stopping process.
EXPORT_SECONDS = 3
METHOD = re.compile(r"(/payment_methods)/[^/?]+")
PLATFORM = ("/health/", "/metrics")


@contextmanager
def exported(endpoint: str, process: str) -> Iterator[None]:
    """Send them to the OTLP/HTTP collector at `endpoint`, until the end of the block."""
    provider = TracerProvider(
        sampler=ParentBased(root=_BegunByARequest()),
        resource=Resource.create({SERVICE_NAME: process}),
        shutdown_on_exit=False,
    )
    exporter = _Discreet(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    # Trace ids only: a caller's baggage is nobody else's business.
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    libraries = (
        AsyncPGInstrumentor(),  # type: ignore[no-untyped-call]
        HTTPX2ClientInstrumentor(),
        RedisInstrumentor(),
    )
    for library in libraries:
        library.instrument()
    jobs.set_tracing_class(OpenTelemetryTracing())
    try:
        yield
    finally:
        jobs.TRACER.tracer = None
        for library in libraries:
            library.uninstrument()
        provider.shutdown()


class _BegunByARequest(Sampler):
    """A trace begins with a request that somebody makes; not with the platform asking after our health, nor with the
    worker looking for jobs each second."""

    def should_sample(  # noqa: PLR0917 (OpenTelemetry's)
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        path = str((attributes or {}).get("url.path", ""))
        wanted = kind is SpanKind.SERVER and not path.startswith(PLATFORM)
        chosen = ALWAYS_ON if wanted else ALWAYS_OFF
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return "BegunByARequest"


class _Discreet(OTLPSpanExporter):
    """Names, times, ids and codes go out, and no texts: an error of the database may quote the row, what stands behind
    the question mark of an address could be anything, and the id of a payment method is a secret."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_without_texts(span) for span in spans])


def _without_texts(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={
            name: METHOD.sub(r"\1/…", value) if isinstance(value, str) else value
            for name, value in (span.attributes or {}).items()
            if name != "url.query"
        },
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
