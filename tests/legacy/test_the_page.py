"""docs/moving-in.md: the order of the move and the way back, every command as it stands there, in that order."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import uvicorn

from billing_service.config import DEV_TOKEN, SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings
from billing_service.kit.http import httpx
from tests.forked import Forked
from tests.legacy.answering import answering
from tests.legacy.old import NOW, OldService, an_old_service, days
from tests.outside import Program, running
from tests.ports import free_ports
from tests.scratch import migrated_database
from tests.test_config import IN_TEST
from tests.test_health import answered

PAGE = Path(__file__).parents[2] / "docs" / "moving-in.md"
# Whom the page's own steps name is somebody left: the exit code says so.
SOMEBODY_IS_LEFT = "--repair propose"


def commands_of(section: str) -> Iterator[str]:
    page = PAGE.read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        yield from (line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))


@dataclass
class Installation:
    """Ours and the old one, as an operator has them."""

    folder: Path
    environment: dict[str, str]
    old: OldService
    old_url: str
    sandbox: httpx.AsyncClient

    async def run(self, line: str) -> str:
        """A command of the page; what it printed. It must end as the page says."""
        line, _, target = line.replace("https://old.eatfit24.ru", self.old_url).partition(" > ")
        program, *words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
        if program == "psql":
            await self.old.connection.execute((self.folder / words[-1]).read_text())
            return ""
        said, answers = self.folder / "said", self.folder / (target or "answers")
        nothing = self.folder / "nothing"
        nothing.write_text("")
        process = Forked(tuple(words), self.environment, self.folder, (nothing, answers, said))
        code = await asyncio.to_thread(process.wait, 60)
        assert code == (1 if SOMEBODY_IS_LEFT in line else 0), line + answers.read_text() + said.read_text()
        return answers.read_text()

    async def paid(self, user: int, payment_id: str) -> str:
        """A payment that the old service has made at the provider, and that its payer has paid."""
        made = await self.sandbox.post(
            "/v3/payments",
            auth=(SANDBOX_SHOP_ID, SANDBOX_API_KEY),
            headers={"Idempotence-Key": payment_id},
            json={
                "amount": {"value": "299.00", "currency": "RUB"},
                "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"},
                "capture": True,
                "metadata": {
                    "user_id": str(user),
                    "plan_code": "PRO_MONTHLY",
                    "payment_id": payment_id,
                },
            },
        )
        object_id: str = made.json()["id"]
        paid = await self.sandbox.post(f"/_sandbox/payments/{object_id}/pay", json={})
        assert paid.status_code == 200, paid.text
        return object_id

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The worker and the API, as step 4 has it."""
        api = ("api", "--host", "127.0.0.1", "--port", self.environment["PORT"])
        async with AsyncExitStack() as stack:
            for arguments in (("worker",), api):
                await stack.enter_async_context(running(Program(self.folder, self.environment, arguments)))
            async with self.ours() as http:
                await answered(http, "/health/ready")
            await self.works()
            yield

    def ours(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.environment['PORT']}")

    async def sells(self, user: int) -> None:
        """Somebody buys here and pays, and is PRO."""
        told = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": str(user)}
        async with self.ours() as http, asyncio.timeout(60):
            bought = await http.post(
                "/api/v1/billing/create-payment/", json={"plan_code": "PRO_MONTHLY"}, headers=told
            )
            assert bought.status_code == 201, bought.text
            await self.sandbox.post(f"/_sandbox/payments/{bought.json()['yookassa_payment_id']}/pay", json={})
            while user not in await self.ends():  # noqa: ASYNC110 (the worker's doing)
                await asyncio.sleep(0.1)

    async def works(self) -> None:
        """The worker has left its first trace."""
        connection = await asyncpg.connect(self.environment["DATABASE_URL"])
        async with asyncio.timeout(60):
            while not await connection.fetchval("SELECT count(*) FROM worker_heartbeats"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await connection.close()

    async def ends(self) -> dict[int, Any]:
        connection = await asyncpg.connect(self.environment["DATABASE_URL"])
        rows = await connection.fetch(
            "SELECT user_id, max(upper(span)) FROM subscription_periods GROUP BY user_id"
        )
        await connection.close()
        return dict(rows)


@pytest.fixture
async def installation(settings: Settings, tmp_path: Path) -> AsyncIterator[Installation]:
    port, sandbox_port, old_port = free_ports(3)
    async with (
        migrated_database(settings.database_url) as url,
        an_old_service(settings.database_url, "public") as old,
    ):
        environment = IN_TEST | {
            "PATH": os.environ["PATH"],
            "BILLING_ENV": "dev",
            "DATABASE_URL": url,
            "LEGACY_DATABASE_URL": old.url,
            "REDIS_URL": settings.redis_url,
            "REDIS_KEY_PREFIX": url.rpartition("/")[2],
            "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
            "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
            "YOOKASSA_API_URL": f"http://127.0.0.1:{sandbox_port}/v3",
            "PORT": str(port),
        }
        notify = f"http://127.0.0.1:{port}/api/v1/billing/webhooks/yookassa"
        sandbox_arguments = ("sandbox", "--port", str(sandbox_port), "--notify-url", notify)
        (tmp_path / "headers.txt").write_text("X-Telegram-Id: {user}\n")
        async with (
            running(Program(tmp_path, environment, sandbox_arguments)),
            _serving(old, old_port),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{sandbox_port}") as sandbox,
        ):
            await answered(sandbox, "/_sandbox/clock")
            yield Installation(tmp_path, environment, old, f"http://127.0.0.1:{old_port}", sandbox)


@asynccontextmanager
async def _serving(old: OldService, port: int) -> AsyncIterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(answering(old, offset=0), port=port, log_config=None, lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.mark.timeout(180)
async def test_the_move_and_the_way_back_go_as_they_are_written(installation: Installation) -> None:
    old = installation.old
    await old.user(1)
    await old.user(2, "PRO_MONTHLY", ends=NOW + days(20), card="pm-2")
    await old.payment(2, status="PENDING")
    late, lost = str(uuid4()), str(uuid4())
    await old.user(3)
    await old.payment(3, status="CANCELED", yookassa_payment_id=await installation.paid(3, late), at=NOW)
    await old.user(4)
    await installation.paid(4, lost)

    before, hour = list(commands_of("The order of the move")), []
    split = before.index("billing-service legacy import --report moved.json")
    before, hour = before[:split], before[split:]
    for line in before:
        await installation.run(line)
    assert await installation.ends() == {2: NOW + days(20)}
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '30 days' WHERE user_id = 2")

    async with AsyncExitStack() as serving:
        for line in hour:
            if line.endswith("after.json"):
                assert set(await installation.ends()) == {2, 3, 4}
                await serving.enter_async_context(installation.serving())
            await installation.run(line)
        assert (await installation.ends())[2] == NOW + days(50)

        await installation.sells(1)
    for line in commands_of("The way back"):
        await installation.run(line)

    plans = await old.connection.fetch(
        "SELECT user_id, code FROM subscriptions s JOIN subscription_plans p ON p.id = s.plan_id"
    )
    assert dict(plans) == dict.fromkeys((1, 2, 3, 4), "PRO_MONTHLY")
    assert await installation.ends() == dict(
        await old.connection.fetch("SELECT user_id, end_date FROM subscriptions")
    )
