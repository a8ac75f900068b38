"""PostgreSQL stops and starts under load: every answer is clear, nothing acknowledged is lost, nobody restarts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.dev.postgres import Postgres
from billing_service.dev.servers import embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.schema import migrate
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.bad_days.load import AT_ONCE, Load
from tests.bad_days.processes import a_worker, listening
from tests.stage import BackOffice, MainBackend, WebApp


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

    assert {one.status_code for one in told} == {200, 503}
    assert {one.status_code for one in bought} == {201, 503}
    stage.load.everybody_was_told_to_come_again()
    assert {one.status_code for one in told[-AT_ONCE:] + bought[-AT_ONCE:]} == {200, 201}
    await stage.load.nothing_acknowledged_is_lost(stage.database, office)
    assert await broken_rules(stage.database) == {}
