"""The service as its surroundings see it: real processes on real ports, a database of their own, the sandbox."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings
from billing_service.kit.http import httpx
from tests.ports import free_ports
from tests.scratch import migrated_database
from tests.test_health import COMMAND, answered


@dataclass
class Program:
    """One of our processes."""

    folder: Path
    environment: dict[str, str]
    arguments: tuple[str, ...]
    running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.folder / f"{self.arguments[0]}.log").open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                COMMAND, *self.arguments, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )

    async def end(self, signal: int = SIGTERM) -> None:
        assert self.running
        self.running.send_signal(signal)
        await asyncio.wait_for(self.running.wait(), 30)


@dataclass(frozen=True)
class Outside:
    """Where everything answers, where the processes write their logs, and the processes by their name."""

    url: str
    sandbox_url: str
    folder: Path
    programs: dict[str, Program] = field(default_factory=dict)

    async def start_api(self) -> None:
        """Returns when it may be given work."""
        await self.programs["api"].start()
        async with httpx.AsyncClient(base_url=self.url) as http:
            await answered(http, "/health/ready")

    def log_of(self, process: str) -> list[str]:
        return (self.folder / f"{process}.log").read_text().splitlines()


@asynccontextmanager
async def a_running_service(folder: Path, settings: Settings, **environment: str) -> AsyncIterator[Outside]:
    """Sandbox, worker and API, ready, until the end of the block; each must then end by itself on SIGTERM."""
    port, sandbox_port = free_ports(2)
    outside = Outside(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", folder)
    notify_url = f"{outside.url}/api/v1/billing/webhooks/yookassa"
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(migrated_database(settings.database_url))
        said = {
            "PATH": os.environ["PATH"],
            "BILLING_ENV": "dev",
            "DATABASE_URL": url,
            "REDIS_URL": settings.redis_url,
            "REDIS_KEY_PREFIX": url.rpartition("/")[2],
            "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
            "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
            "YOOKASSA_API_URL": f"{outside.sandbox_url}/v3",
        } | environment
        for arguments in (
            ("sandbox", "--port", str(sandbox_port), "--notify-url", notify_url),
            ("worker",),
            ("api", "--host", "127.0.0.1", "--port", str(port)),
        ):
            outside.programs[arguments[0]] = program = Program(folder, said, arguments)
            await stack.enter_async_context(running(program))
        async with httpx.AsyncClient(base_url=outside.url) as http:
            await answered(http, "/health/ready")
        yield outside


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[None]:
    """Until the end of the block."""
    await program.start()
    try:
        yield
    finally:
        await program.end()
