"""PostgreSQL goes away and comes back: every answer says so in our shape, and nothing needs a restart."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.dev.postgres import Postgres
from billing_service.dev.servers import embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.schema import migrate
from billing_service.services import Services
from tests.stage import USER, MainBackend

NOTIFICATION = {
    "type": "notification",
    "event": "payment.succeeded",
    "object": {"id": "30f5d918-000f-5000-8000-18db351245c7", "status": "succeeded"},
}


@dataclass
class Stage:
    """The service on a PostgreSQL of its own."""

    postgres: Postgres
    api: MainBackend

    async def every_room(self) -> list[httpx.Response]:
        """One call to each kind of route that needs the database."""
        return [
            *[await self.api.get(path) for path in ("plans/", "me/", "subscription/", "payments/")],
            await self.api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}),
            await self.api.notify(NOTIFICATION),
            await self.api.internal("GET", f"users/{USER}/usage"),
        ]


@pytest.fixture
async def stage(services: Services, tmp_path: Path) -> AsyncIterator[Stage]:
    with embedded_servers(tmp_path, throwaway=True) as servers:
        await asyncio.to_thread(migrate.upgrade, servers.database_url)
        own = Database(servers.database_url, pool_size=5)
        settings = services.settings.model_copy(update={"database_url": servers.database_url})
        statements = StatementPool(servers.database_url, pool_size=5)
        app = create_app(settings, replace(services, settings=settings, db=own, statements=statements))
        async with MainBackend.calling(app) as api:
            yield Stage(servers.postgres, api)
        await statements.close()
        await own.close()


async def test_while_it_is_down_everybody_is_told_to_come_again(stage: Stage) -> None:
    await stage.every_room()  # the pool is full of connections that are about to die
    stage.postgres.stop()

    began = time.monotonic()
    answers = await stage.every_room()

    for answer in answers:
        assert answer.status_code == 503, answer.request.url
        assert answer.json()["error"]["code"] == "TEMPORARILY_UNAVAILABLE"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    assert time.monotonic() - began < 10


async def test_once_it_is_back_everything_works_without_a_restart_of_ours(stage: Stage) -> None:
    await stage.every_room()
    stage.postgres.stop()
    await stage.every_room()

    stage.postgres.start()
    answers = await stage.every_room()

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 201, 200, 200]


async def test_a_restart_nobody_noticed_costs_at_most_one_refusal(stage: Stage) -> None:
    await stage.every_room()
    stage.postgres.stop()
    stage.postgres.start()

    answers = [(await stage.api.get("me/")).status_code for _ in range(3)]

    assert answers in ([200, 200, 200], [503, 200, 200])


async def test_what_needs_no_database_is_answered_meanwhile(stage: Stage) -> None:
    stage.postgres.stop()

    assert (await stage.api.http.get("/health/live")).status_code == 200
    assert (await stage.api.http.get("/openapi.json")).status_code == 200
    assert (await stage.api.get("nothing/")).status_code == 404
    assert (await stage.api.post("bind-card/start/", {})).status_code == 409
