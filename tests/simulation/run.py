"""Runs the simulation as a person does, on the servers of the tests."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# Ten worlds of two months: three minutes and a half beside other tests, on a machine that is busy with nothing else.
LONGEST_SECONDS = 900


def simulate(
    repository: Path,
    servers: tuple[str, str],
    kept: Path,
    *options: str,
    longest_seconds: int = LONGEST_SECONDS,
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """What it said, and every history."""
    database_url, redis_url = servers
    on = ["--postgres", database_url, "--valkey", redis_url, "--json", str(kept)]
    ran = subprocess.run(
        [sys.executable, "-m", "simulation", *options, *on],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=longest_seconds,
        check=False,
    )
    return ran, json.loads(kept.read_text()) if kept.exists() else []
