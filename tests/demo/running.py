"""`billing-service dev` as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from billing_service.kit.http import httpx

COMMAND = Path(sys.executable).with_name("billing-service")
# No setting of the machine's own: neither its servers nor its shop.
INHERITED = ("PATH", "HOME", "LANG", "PYTHONPATH")


@dataclass
class RunningDev:
    """Keeps its data in `folder`, so that a second start finds what the first one left."""

    folder: Path
    port: int
    sandbox_port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox_port}"

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def clocks(self) -> tuple[datetime, datetime]:
        """What the database's clock shows, and the sandbox's."""
        shown = [
            httpx.get(address).json()["now"]
            for address in (f"{self.url}/demo/clock", f"{self.sandbox_url}/_sandbox/clock")
        ]
        return datetime.fromisoformat(shown[0]), datetime.fromisoformat(shown[1])

    def start(self) -> None:
        """Returns when it may be given work. Fails with what it said when it ended instead."""
        ports = ["--port", str(self.port), "--sandbox-port", str(self.sandbox_port)]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [COMMAND, "dev", *ports, "--data-dir", str(self.folder / "data")],
                cwd=self.folder,
                env={name: os.environ[name] for name in INHERITED if name in os.environ},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self._is_ready():
            if self.process.poll() is not None:
                pytest.fail(self.said)
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        return "Everything runs" in self.said

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)
