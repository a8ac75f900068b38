"""The service refuses to start on a database that is not fit, says so while it runs, and lives without Redis."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.redis import open_redis
from billing_service.schema.migrate import alembic_config
from billing_service.services import Services
from tests.forked import billing_service, run_to_its_end
from tests.ports import free_port
from tests.scratch import execute, migrated_database, scratch_database
from tests.stage import in_process
from tests.test_config import ENCRYPTION_KEY, IN_TEST

COMMAND = Path(sys.executable).with_name("billing-service")
NOWHERE = "redis://127.0.0.1:1/0"
NOT_AT_HEAD = "the database is unfit: not at the newest migration: run billing-service migrate"


def in_production(settings: Settings, database_url: str) -> dict[str, str]:
    return IN_TEST | {
        "DATABASE_URL": database_url,
        "REDIS_URL": settings.redis_url,
        "BILLING_SERVICE_TOKENS": f"main:{'0' * 64}:user",
        "BILLING_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "PATH": os.environ["PATH"],
    }


@asynccontextmanager
async def running(
    folder: Path, settings: Settings, database_url: str, *arguments: str, **variables: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process in production settings on this database; ended, if it has not ended, with SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=folder,
        env=in_production(settings, database_url) | variables,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.communicate(), 30)


async def outcome(
    folder: Path,
    settings: Settings,
    database_url: str,
    *arguments: str,
    main: Callable[[], None] = billing_service,
    **variables: str,
) -> tuple[int, str]:
    """Exit code and standard error of a process that ends by itself."""
    environment = in_production(settings, database_url) | variables
    ended = await run_to_its_end(arguments, environment, folder, main=main)
    return ended.code, ended.errors


async def answered(http: httpx.AsyncClient, path: str) -> httpx.Response:
    """The first answer of a process that is starting."""
    async with asyncio.timeout(90):
        while True:
            try:
                return await http.get(path)
            except httpx.ConnectError:
                await asyncio.sleep(0.1)


async def health(services: Services, settings: Settings, path: str) -> tuple[int, dict[str, Any]]:
    """What a process with these settings says of itself."""
    database = Database(settings.database_url, pool_size=2)
    redis = open_redis(settings.redis_url)
    app = create_app(settings, replace(services, settings=settings, db=database, redis=redis))
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as platform:
        answer = await platform.get(path)
    await redis.aclose()
    await database.close()
    return answer.status_code, answer.json()


@pytest.mark.parametrize("process", ["api", "worker"])
async def test_nothing_starts_on_an_empty_database(tmp_path: Path, settings: Settings, process: str) -> None:
    async with scratch_database(settings.database_url) as url:
        code, errors = await outcome(tmp_path, settings, url, process)

    assert code == 1
    assert errors == f"billing-service will not start: {NOT_AT_HEAD}\n"


@pytest.mark.parametrize("process", ["api", "worker", "migrate"])
async def test_a_database_that_does_not_let_us_in_is_said_in_one_line(
    tmp_path: Path, settings: Settings, process: str
) -> None:
    nowhere = settings.database_url.rpartition("/")[0] + "/nowhere"

    code, errors = await outcome(tmp_path, settings, nowhere, process)

    assert code == 1
    assert errors == (
        'billing-service will not start: the database refuses: database "nowhere" does not exist\n'
    )


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("0001", NOT_AT_HEAD),
        (
            "from_the_future",
            "only code that knows migration from_the_future may use it",
        ),
    ],
)
async def test_nothing_starts_before_or_beyond_the_newest_migration(
    tmp_path: Path, settings: Settings, version: str, why: str
) -> None:
    async with migrated_database(settings.database_url) as url:
        # What a newer database says of older code: that it may no longer use it.
        await execute(url, f"UPDATE schema_compatibility SET compatible_from = '{version}'")  # noqa: S608
        await execute(url, f"UPDATE alembic_version SET version_num = '{version}'")  # noqa: S608
        code, errors = await outcome(tmp_path, settings, url, "api")

    assert code == 1
    assert why in errors


@pytest.mark.parametrize("process", ["api", "worker"])
async def test_production_refuses_a_database_whose_clock_can_be_turned(
    tmp_path: Path, services: Services, process: str
) -> None:
    settings = services.settings
    code, errors = await outcome(tmp_path, settings, settings.database_url, process)

    assert code == 1
    assert "its clock can be turned: this is a development or test database" in errors


async def test_migrate_makes_a_database_fit_and_may_be_repeated_and_run_twice_at_once(
    tmp_path: Path, settings: Settings, services: Services
) -> None:
    async with scratch_database(settings.database_url) as url:
        both = await asyncio.gather(
            *(outcome(tmp_path, settings, url, "migrate") for _ in range(2)),
        )
        again = await outcome(tmp_path, settings, url, "migrate")

        assert [code for code, _ in (*both, again)] == [0, 0, 0]
        production = settings.model_copy(update={"billing_env": "prod", "database_url": url})
        assert (await health(services, production, "/health/ready"))[0] == 200


async def test_a_real_server_is_ready_and_believes_no_forwarded_address(
    tmp_path: Path, settings: Settings
) -> None:
    port = free_port()
    forged = {"X-Forwarded-For": "185.71.76.5", "X-Real-IP": "185.71.76.5", "Forwarded": "for=185.71.76.5"}
    async with (
        migrated_database(settings.database_url) as url,
        running(tmp_path, settings, url, "api", "--host", "127.0.0.1", "--port", str(port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        ready = await answered(http, "/health/ready")
        notified = await http.post("/api/v1/billing/webhooks/yookassa", json={}, headers=forged)

    assert ready.json() == {"status": "ok", "database": "ok", "redis": "up"}
    assert notified.status_code == 403
    assert "server" not in notified.headers


async def test_a_fit_database_and_redis_are_ready(services: Services) -> None:
    ready = await health(services, services.settings, "/health/ready")

    assert ready == (200, {"status": "ok", "database": "ok", "redis": "up"})


async def test_without_redis_it_is_still_ready(services: Services) -> None:
    settings = services.settings.model_copy(update={"redis_url": NOWHERE})

    assert await health(services, settings, "/health/ready") == (
        200,
        {"status": "ok", "database": "ok", "redis": "down"},
    )


async def test_on_a_database_that_is_not_at_head_it_is_not_ready(services: Services) -> None:
    async with migrated_database(services.settings.database_url) as url:
        settings = services.settings.model_copy(update={"database_url": url})
        await asyncio.to_thread(command.downgrade, alembic_config(url), "-1")

        code, said = await health(services, settings, "/health/ready")

    assert code == 503
    assert said["status"] == "unfit"
    assert "billing-service migrate" in said["database"]


async def test_without_a_database_it_is_alive_but_not_ready(services: Services) -> None:
    settings = services.settings.model_copy(update={"database_url": "postgresql://billing@127.0.0.1:1/x"})

    assert await health(services, settings, "/health/live") == (200, {"status": "ok"})
    assert await health(services, settings, "/health/ready") == (
        503,
        {"status": "unfit", "database": "cannot be reached", "redis": "up"},
    )


async def test_production_is_not_ready_on_a_database_whose_clock_can_be_turned(services: Services) -> None:
    settings = services.settings.model_copy(update={"billing_env": "prod"})

    code, said = await health(services, settings, "/health/ready")

    assert code == 503
    assert "clock can be turned" in said["database"]
