"""Real processes of the service, against the test's own PostgreSQL and a sandbox that listens on loopback."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.dev.ports import remembered_port
from billing_service.dev.serving import serving
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.serve import server
from tests.demo.running import INHERITED
from tests.forked import Forked, billing_service

STARTS_WITHIN = 30


@dataclass
class Running:
    """One `billing-service` process; what it says is kept in `log`."""

    process: Forked
    log: Path
    url: str = ""

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(STARTS_WITHIN):
            while not await asyncio.to_thread(ready):
                if self.process.poll() is not None:
                    pytest.fail(self.log.read_text())
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """As `kill -9` does: not one more line of ours is run."""
        self.process.kill()
        self.process.wait()

    async def ended(self, within: float) -> int:
        """Its exit code. Fails when it takes longer than this many seconds."""
        return await asyncio.to_thread(self.process.wait, within)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": "1001"}
        async with httpx.AsyncClient(
            base_url=f"{self.url}/api/v1/billing/", headers=headers, timeout=30
        ) as client:
            yield client


@asynccontextmanager
async def listening(sandbox: Sandbox) -> AsyncIterator[str]:
    """The address of the provider's API, for processes other than the test's."""
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving("sandbox", server(sandbox).config, listener, stop):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v3"
            stop.set()


@asynccontextmanager
async def an_api(
    settings: Settings,
    yookassa: str,
    folder: Path,
    *,
    main: Callable[[], None] = billing_service,
    **more: str,
) -> AsyncIterator[Running]:
    """`billing-service api`, once it may be given work."""
    port = remembered_port(folder / "port")
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx.get(f"{url}/health/ready").is_success
        except httpx.TransportError:
            return False

    arguments = ("api", "--host", "127.0.0.1", "--port", str(port))
    environment = _environment(settings, yookassa) | more
    with _running(arguments, environment, folder, main=main) as running:
        running.url = url
        await running.until(ready)
        yield running


@asynccontextmanager
async def a_worker(settings: Settings, yookassa: str, folder: Path, **more: str) -> AsyncIterator[Running]:
    """`billing-service worker`, once it works."""
    with _running(("worker",), _environment(settings, yookassa) | more, folder) as running:
        await running.until(lambda: "worker.started" in running.log.read_text())
        yield running


@asynccontextmanager
async def a_doctor(settings: Settings, yookassa: str, folder: Path, *options: str) -> AsyncIterator[Running]:
    """`billing-service doctor`, which ends by itself."""
    with _running(("doctor", *options), _environment(settings, yookassa), folder) as running:
        yield running


@contextmanager
def _running(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: Path,
    *,
    main: Callable[[], None] = billing_service,
) -> Iterator[Running]:
    log = folder / "said.log"
    log.write_bytes(b"")
    process = Forked(arguments, environment, folder, (Path(os.devnull), log, log), main=main)
    try:
        yield Running(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _environment(settings: Settings, yookassa: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "BILLING_ENV": "dev",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        # Nobody inherits what another test has used up.
        "REDIS_KEY_PREFIX": f"test-{uuid4().hex}",
        "YOOKASSA_SHOP_ID_TEST": settings.shop_id,
        "YOOKASSA_API_KEY_TEST": settings.api_key.get_secret_value(),
        "YOOKASSA_API_URL": yookassa,
    }
