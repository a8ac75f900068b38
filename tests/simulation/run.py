"""Runs the simulation as a person does."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# Four worlds of two months: a minute and a half beside other tests, on a machine that is busy with nothing else.
LONGEST_SECONDS = 900


def simulate(
    repository: Path,
    kept: Path,
    *options: str,
    longest_seconds: int = LONGEST_SECONDS,
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """What it said, and every history."""
    ran = subprocess.run(
        [sys.executable, "-m", "simulation", *options, "--json", str(kept)],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=longest_seconds,
        check=False,
    )
    return ran, json.loads(kept.read_text()) if kept.exists() else []
