"""PostgreSQL stops and starts under load: every answer is clear, nothing acknowledged is lost, nobody restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from billing_service.app import create_app
from billing_service.dev.postgres import Postgres
from billing_service.dev.servers import embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.schema import migrate
from billing_service.web.dependencies import Services
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import a_worker, listening
from tests.ledger import rows
from tests.stage import BackOffice, MainBackend, WebApp
from tests.webhooks.test_inbox import a_notification

AT_ONCE = 4
PAUSE = 0.01


@dataclass
class Load:
    """Many callers who never stop asking, and every answer they got."""

    api: MainBackend
    told: dict[str, httpx.Response] = field(default_factory=dict)
    bought: list[httpx.Response] = field(default_factory=list)
    users: Callable[[], int] = field(default_factory=lambda: count(7001).__next__)

    async def tell(self) -> None:
        yookassa_id = str(uuid4())
        self.told[yookassa_id] = await self.api.notify(a_notification(yookassa_id))

    async def buy(self) -> None:
        self.bought.append(await self.api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, self.users()))

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        over = asyncio.Event()
        callers = [asyncio.create_task(_until(over, do)) for do in (self.tell, self.buy) * AT_ONCE]
        yield
        over.set()
        await asyncio.gather(*callers)


async def _until(over: asyncio.Event, do: Callable[[], Awaitable[None]]) -> None:
    while not over.is_set():
        await do()
        await asyncio.sleep(PAUSE)


@dataclass
class Stage:
    """The API in this process and a worker of its own, on a PostgreSQL that can be stopped."""

    postgres: Postgres
    database: Database
    load: Load


@pytest.fixture
async def stage(services: Services, sandbox: Sandbox, web: WebApp, tmp_path: Path) -> AsyncIterator[Stage]:
    with embedded_servers(tmp_path, throwaway=True) as servers:
        await asyncio.to_thread(migrate.upgrade, servers.database_url)
        settings = services.settings.model_copy(update={"database_url": servers.database_url})
        own, statements = (
            Database(servers.database_url, pool_size=5),
            StatementPool(servers.database_url, pool_size=5),
        )
        web.app = create_app(settings, replace(services, settings=settings, db=own, statements=statements))
        async with (
            listening(sandbox) as yookassa,
            a_worker(settings, yookassa, tmp_path),
            MainBackend.calling(web) as api,
        ):
            yield Stage(servers.postgres, own, Load(api))
        await services.background.drain(5)
        await statements.close()
        await own.close()


async def test_a_restart_under_load_loses_nothing_that_was_acknowledged(
    stage: Stage, office: BackOffice
) -> None:
    async with stage.load.going_on():
        await asyncio.sleep(1)
        stage.postgres.stop()
        await asyncio.sleep(1)
        stage.postgres.start()
        await asyncio.sleep(2)
    told, bought = [*stage.load.told.values()], stage.load.bought
    for link in (answer.json() for answer in bought if answer.is_success):
        await office.pay(link)

    assert {one.status_code for one in told} == {200, 503}
    assert {one.status_code for one in bought} == {201, 503}
    assert {_code(one) for one in told + bought if one.status_code == 503} == {"TEMPORARILY_UNAVAILABLE"}
    assert {one.status_code for one in told[-AT_ONCE:] + bought[-AT_ONCE:]} == {200, 201}
    assert await _acknowledged_but_lost(stage) == set()
    await _all_settle(stage)
    assert await broken_rules(stage.database) == {}


def _code(answer: httpx.Response) -> str:
    code: str = answer.json()["error"]["code"]
    return code


async def _acknowledged_but_lost(stage: Stage) -> set[str]:
    kept = {row["payment_id"] for row in await rows(stage.database, "SELECT payment_id FROM webhook_logs")}
    return {told for told, answer in stage.load.told.items() if answer.status_code == 200} - kept


async def _all_settle(stage: Stage) -> None:
    """The worker settles every payment whose buyer was given a link, and nobody has to help it."""
    linked = {answer.json()["payment_id"] for answer in stage.load.bought if answer.is_success}
    async with asyncio.timeout(40):
        while linked - await _settled(stage):  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.1)


async def _settled(stage: Stage) -> set[str]:
    settled = await rows(stage.database, "SELECT id::text FROM payments WHERE status = 'SUCCEEDED'")
    return {row["id"] for row in settled}
