"""Each process loads its own rooms: what it never uses it does not keep in memory. Names, and no figure."""

import json
import subprocess
import sys
from collections.abc import Collection

import pytest

LOAD = """
import json, sys
from billing_service.entry import load

load(sys.argv[1])
print(json.dumps(list(sys.modules)))
"""
# Migrations, spans that nobody collects, pages, what libraries load for nothing, and what only an operator or `dev`
# asks for.
NEITHER = (
    *(
        "alembic",
        "mako",
        "google.protobuf",
        "opentelemetry.instrumentation",
        "opentelemetry.exporter",
        "httpx",
    ),
    *("rich", "opentelemetry.sdk", "psutil"),
    *(
        "jinja2",
        "billing_service.admin",
        "billing_service.dev",
        "billing_service.sandbox",
        "billing_service.cli",
    ),
    *("billing_service.legacy.commands", "billing_service.operations.go_live", "billing_service.demo.site"),
)


def loaded_by(process: str) -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, process], capture_output=True, text=True, timeout=60, check=True
    )
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("process", "own", "foreign"),
    [
        ("api", "billing_service.app", (*NEITHER, "billing_service.worker")),
        (
            "worker",
            "billing_service.worker",
            (*NEITHER, "billing_service.app", "fastapi", "uvicorn.protocols"),
        ),
    ],
)
def test_a_process_loads_what_is_its_own(process: str, own: str, foreign: Collection[str]) -> None:
    loaded = loaded_by(process)

    assert own in loaded
    assert loaded.isdisjoint(foreign)
