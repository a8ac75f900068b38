"""With a collector, one purchase can be followed through every process; without one, nothing is there at all."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.http import httpx
from tests.outside import a_running_service
from tests.ports import free_port

CANARY = "canaryThatMustNotTravel"
CALLER = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": "1001", "X-Telegram-Init-Data": CANARY}
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SILENT = """
import threading
from opentelemetry import trace
from billing_service.observability import tracing

with tracing.exporting("", "billing-api"):
    import asyncpg
    print([thread.name for thread in threading.enumerate()], type(trace.get_tracer_provider()).__name__)
    print(hasattr(asyncpg.Connection.fetch, "__wrapped__"))
"""
LEAKY = """
import sys
from opentelemetry import trace
from billing_service.observability import tracing

with tracing.exporting(sys.argv[1], "billing-api"):
    tracer = trace.get_tracer("test")
    try:
        with tracer.start_as_current_span("GET /x", kind=trace.SpanKind.SERVER, attributes={"url.query": sys.argv[2]}):
            raise ValueError(f"DETAIL: Failing row contains ({sys.argv[2]})")
    except ValueError:
        pass
"""


class Collector:
    """What was exported, as it came and as spans."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.url = ""

    def spans(self) -> list[tuple[str, Span]]:
        """Every span with the process it comes from."""
        return [
            (
                next(
                    one.value.string_value for one in whose.resource.attributes if one.key == "service.name"
                ),
                span,
            )
            for body in self.received
            for whose in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in whose.scope_spans
            for span in scope.spans
        ]

    def names(self) -> set[str]:
        return {span.name for _, span in self.spans()}

    def of_trace(self, trace_id: str) -> set[tuple[str, str]]:
        return {(process, span.name) for process, span in self.spans() if span.trace_id.hex() == trace_id}


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()

    class Intake(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: pytest has enough to say."""

    with listening(Intake) as collector.url:
        yield collector


@contextmanager
def listening(intake: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), intake)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def purchase(folder: Path, settings: Settings, collector: Collector) -> None:
    """A purchase within trace TRACE, its notification and the look, in three real processes."""
    exported = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    async with (
        a_running_service(folder, settings, **exported) as outside,
        httpx.AsyncClient(base_url=outside.url, headers=CALLER) as http,
    ):
        bought = await http.post(
            f"/api/v1/billing/create-payment/?token={CANARY}",
            json={"plan_code": "PRO_MONTHLY", "comment": CANARY},
            headers={
                "traceparent": f"00-{TRACE}-{PARENT}-01",
                "baggage": f"who={CANARY}",
                "Idempotency-Key": CANARY,
            },
        )
        assert bought.status_code == 201, bought.text
        payment = f"{outside.sandbox_url}/_sandbox/payments/{bought.json()['yookassa_payment_id']}"
        assert (await http.post(f"{payment}/pay", json={})).status_code == 200
        async with asyncio.timeout(20):
            while "process webhook.look" not in collector.names():  # noqa: ASYNC110 (another process's doing)
                await asyncio.sleep(0.1)


async def test_one_purchase_can_be_followed_through_every_process_and_carries_no_secret(
    tmp_path: Path, migrated: Settings, collector: Collector
) -> None:
    await purchase(tmp_path, migrated, collector)

    bought = collector.of_trace(TRACE)
    assert ("billing-api", "POST /api/v1/billing/create-payment/") in bought
    # A statement is named by its first word.
    assert {"WITH", "UPDATE", "EVALSHA", "POST"} <= {name for _, name in bought}
    looked = next(span for _, span in collector.spans() if span.name == "process webhook.look")
    notified = collector.of_trace(looked.trace_id.hex())
    assert ("billing-api", "POST /api/v1/billing/webhooks/yookassa") in notified
    assert {("billing-worker", "GET"), ("billing-worker", "WITH")} <= notified
    # The worker looks for jobs and the platform asks after our health all the time; that is nobody's request.
    assert {span.parent_span_id for _, span in collector.spans() if span.kind == Span.SPAN_KIND_CLIENT} - {
        b""
    }
    assert not [span.name for _, span in collector.spans() if not span.parent_span_id and span.kind != 2]
    assert not [name for name in collector.names() if "/health/" in name]
    told = b"".join(collector.received)
    for secret in (CANARY, DEV_TOKEN, "test_sandbox", "MTAwNTAwOnRlc3Rfc2FuZGJveA=="):
        assert secret.encode() not in told


def test_the_text_of_an_error_stays_at_home(collector: Collector) -> None:
    subprocess.run([sys.executable, "-c", LEAKY, collector.url, CANARY], check=True, timeout=30)

    [(process, span)] = collector.spans()
    assert (process, span.name, span.status.code) == ("billing-api", "GET /x", 2)
    assert CANARY.encode() not in collector.received[0]


def test_without_a_collector_nothing_is_started_and_nothing_is_patched() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SILENT], capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout == "['MainThread'] ProxyTracerProvider\nFalse\n"
    assert done.stderr == ""


def test_a_collector_that_is_away_does_not_hold_up_the_end() -> None:
    away = f"http://127.0.0.1:{free_port()}"

    done = subprocess.run([sys.executable, "-c", LEAKY, away, CANARY], check=False, timeout=15)

    assert done.returncode == 0
