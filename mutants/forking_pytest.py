"""`python -m mutants.forking_pytest`: pytest in forks of a process that has imported all but the code under test.

That is half of the time a trial takes. Each line of the input asks for one run: `{"arguments": […], "environment": {…},
"output": file}`; each is answered with its exit code.
"""

import json
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import pytest

# Whatever is missing here is imported by each run by itself.
IMPORTED_ONCE = (
    *(
        "alembic.command",
        "asyncpg",
        "cryptography.fernet",
        "fastapi_offline",
        "httptools",
        "httpx2",
        "hypothesis",
    ),
    *("hypothesis.strategies", "jinja2", "opentelemetry.exporter.otlp.proto.http.trace_exporter"),
    *("opentelemetry.instrumentation.asyncpg", "opentelemetry.instrumentation.httpx"),
    *(
        "opentelemetry.instrumentation.redis",
        "opentelemetry.sdk.trace",
        "orjson",
        "pgqueuer",
        "prometheus_client",
    ),
    *("pydantic_settings", "python_multipart", "redis.asyncio", "sqlalchemy.dialects.postgresql.asyncpg"),
    *("sqlalchemy.ext.asyncio", "structlog", "typer.main", "uvicorn", "uvloop"),
)
# It would complain that plugins among them can no longer be rewritten.
OPTIONS = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


def _run(arguments: list[str], environment: dict[str, str], output: str) -> NoReturn:
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, said), (2, said)):
        os.dup2(file, number)
    os.environ.update(environment)
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in environment
    status = pytest.main([*OPTIONS, *arguments])
    sys.stdout.flush()
    os._exit(int(status))


def _answer(asked: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        _run(**asked)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for module in IMPORTED_ONCE:
        import_module(module)
    for line in sys.stdin:
        sys.stdout.write(f"{_answer(json.loads(line))}\n")
        sys.stdout.flush()
