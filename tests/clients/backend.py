"""The Django example as a process of its own, and the Mini App of a user who is signed in with Telegram."""

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from billing_service.config import DEV_TOKEN
from billing_service.kit.http import httpx
from tests.events.receiver import SECRET
from tests.outside import Outside
from tests.test_health import answered

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "django_proxy"
BOT = "4711:made-up-token-of-a-bot"


def signed_in(telegram_id: int, bot: str = BOT) -> dict[str, str]:
    """What Telegram gives the Mini App."""
    fields = {"auth_date": str(int(time.time())), "user": json.dumps({"id": telegram_id})}
    lines = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", bot.encode(), hashlib.sha256)
    digest = hmac.digest(key, lines.encode(), hashlib.sha256).hex()
    return {"X-Telegram-Init-Data": urlencode(fields | {"hash": digest})}


@asynccontextmanager
async def a_running_backend(folder: Path, port: int, billing_url: str) -> AsyncIterator[str]:
    """Answers where it listens."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
        "BACKEND_DATA": str(folder),
        "SECRET_KEY": "made-up",
        "TELEGRAM_BOT_TOKEN": BOT,
        "BILLING_URL": billing_url,
        "BILLING_TOKEN": DEV_TOKEN,
        "BILLING_EVENTS_SECRETS": SECRET,
    }
    with (folder / "backend.log").open("wb") as log:
        migrating = await _python(environment, log, "manage.py", "migrate", "--verbosity", "0")
        assert await migrating.wait() == 0, (folder / "backend.log").read_text()
        serve = ("-m", "uvicorn", "backend.asgi:application", "--port", str(port))
        serving = await _python(environment, log, *serve)
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url) as http:
            await answered(http, "/api/v1/profile/")
        yield url
    finally:
        serving.terminate()
        await asyncio.wait_for(serving.wait(), 30)


async def _python(environment: dict[str, str], log: IO[bytes], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=EXAMPLE, env=environment, stdout=log, stderr=log
    )


class App:
    """The frontend of one user: it talks to the backend only."""

    def __init__(self, http: httpx.AsyncClient, telegram_id: int) -> None:
        self.http, self.signed = http, signed_in(telegram_id)

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, json=body, headers=self.signed | named)

    async def billing(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        answer = await self.call("GET", f"/api/v1/billing/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def profile(self) -> Any:  # noqa: ANN401 (JSON)
        return (await self.call("GET", "/api/v1/profile/")).json()

    async def analyse(self, photo: int, shows: str = "soup") -> httpx.Response:
        return await self.call("POST", "/api/v1/analyses/", {"id": photo, "shows": shows})


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(40):
        while not await happened():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)


async def pay(running: Outside, payment: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=running.sandbox_url) as sandbox:
        paid = await sandbox.post(f"/_sandbox/payments/{payment['yookassa_payment_id']}/pay", json={})
        assert paid.status_code == 200
