"""Several processes of the service on one database, some of them of another release: what a platform runs."""

import asyncio
import os
import signal
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID
from billing_service.kit.http import httpx
from tests.test_health import answered

WEBHOOK = "api/v1/billing/webhooks/yookassa"


def environment_for(database_url: str, redis_url: str, sandbox_port: int) -> dict[str, str]:
    """All that a process is told, selling at a sandbox of ours."""
    return {
        "PATH": os.defpath,
        "BILLING_ENV": "dev",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "REDIS_KEY_PREFIX": database_url.rpartition("/")[2],
        "YOOKASSA_MODE": "test",
        "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
        "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
        "YOOKASSA_API_URL": f"http://127.0.0.1:{sandbox_port}/v3",
        "RATE_LIMIT_ATTEMPTS": "100000/min",
    }


@dataclass
class Fleet:
    """Started in `folder`, by `command` unless another one is said; whoever is left is ended with the stack."""

    stack: AsyncExitStack
    command: Path
    folder: Path
    environment: dict[str, str]
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, name: str, *arguments: str, command: Path | None = None) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.stack.callback(log.close)
        process = await asyncio.create_subprocess_exec(
            command or self.command,
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.running[name] = process
        self.stack.push_async_callback(ended, process)

    async def serve(self, port: int, *, command: Path | None = None) -> None:
        """An API, once it is ready."""
        await self.start(f"api-{port}", "api", "--host", "127.0.0.1", "--port", str(port), command=command)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            ready = await answered(http, "/health/ready")
        assert ready.status_code == 200, ready.text

    async def run(self, *arguments: str, command: Path | None = None) -> str:
        """What a command that ends by itself, and well, says."""
        name = "-".join(arguments)
        await self.start(name, *arguments, command=command)
        assert await asyncio.wait_for(self.running.pop(name).wait(), 90) == 0, self.said(name)
        return self.said(name)

    async def stop(self, name: str) -> None:
        """As a platform does. The API's server ends, when it has finished, by the signal that it was sent."""
        assert await ended(self.running.pop(name)) in {0, -signal.SIGTERM}, self.said(name)

    async def stop_all(self, names: Iterable[str]) -> None:
        for name in names:
            self.running[name].terminate()
        for name in names:
            await self.stop(name)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()


async def ended(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        process.terminate()
    return await asyncio.wait_for(process.wait(), 80)
