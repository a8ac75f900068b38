"""Behind a PgBouncer in transaction mode that has four connections for two APIs and a worker."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.connections import DURABILITY, PINNED
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.operations.database_servers import ONE_CONNECTION, findings
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from tests.failover.bouncer import bouncing, of_the_service, prepare
from tests.failover.load import Load, everything_is_settled, nothing_is_missing_or_doubled
from tests.failover.shop import shop_at_work
from tests.scratch import execute, scratch_database
from tests.stage import RENEWING
from tests.test_roles import FORGET

CONNECTIONS = 4
# Those of the pooler have the name that a client of its gave them; the worker's own four are direct.
SHARED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'billing_service' AND pid <> pg_backend_pid()
"""
GIVEN_BACK = "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'"
LOOKED_FOR_RENEWALS = """
SELECT count(*) FROM pgqueuer_schedules WHERE entrypoint = 'renewals.look_at_due' AND last_run IS NOT NULL
"""
FAILED = "SELECT count(*) FROM pgqueuer WHERE status = 'failed'"


@pytest.fixture
async def direct_url(settings: Settings, repository: Path) -> AsyncIterator[str]:
    """A database made as docs/operations.md says, of the role that the service has."""
    async with scratch_database(settings.database_url) as admin_url:
        try:
            await prepare(admin_url, repository)
            yield of_the_service(admin_url)
        finally:
            await execute(admin_url, "REASSIGN OWNED BY billing_owner TO billing")
            await execute(admin_url, FORGET)


@pytest.fixture
async def pooled(settings: Settings, direct_url: str, repository: Path) -> AsyncIterator[Settings]:
    with bouncing(direct_url, repository / "deploy/pgbouncer.ini", default_pool_size=str(CONNECTIONS)) as url:
        yield settings.model_copy(update={"database_url": url, "database_direct_url": direct_url})


@pytest.mark.timeout(300)
async def test_who_buys_eats_notifies_and_gets_money_back_notices_nothing(
    pooled: Settings, tmp_path: Path
) -> None:
    direct_url = pooled.direct_url
    environment = RENEWING | {"DATABASE_DIRECT_URL": direct_url}
    async with shop_at_work(tmp_path, pooled.database_url, pooled.redis_url, **environment) as shop:
        load = Load(shop.apis, shop.sandbox, people=3, pause=0.05)
        async with load.flowing():
            await asyncio.sleep(3)
            shared = await asked(direct_url, SHARED)
        await everything_is_settled(direct_url)
        await nothing_is_missing_or_doubled(load, direct_url)
        await everybody_gets_half_back(load, direct_url)

        async with asyncio.timeout(30):
            while not await asked(direct_url, LOOKED_FOR_RENEWALS):  # noqa: ASYNC110 (nobody tells us)
                await asyncio.sleep(0.2)

        assert shared <= CONNECTIONS + 4
        assert load.refused == 0
        assert await asked(direct_url, FAILED) == 0
        for name in shop.fleet.running:
            assert "Traceback" not in shop.fleet.said(name), shop.fleet.said(name)


async def everybody_gets_half_back(load: Load, direct_url: str) -> None:
    wanted = {"amount": "100.00", "reason": "so it was agreed", "author": "support: desk 2"}
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {DEV_TOKEN}"}, timeout=30) as http:
        for number, payment in enumerate(load.bought):
            path = f"internal/v1/payments/{payment}/refunds"
            answer = await http.post(
                f"http://127.0.0.1:{load.apis[number % 2]}/{path}",
                json=wanted,
                headers={"Idempotency-Key": payment},
            )
            assert answer.status_code in {200, 201, 202}, answer.text
    async with asyncio.timeout(60):
        while await asked(direct_url, GIVEN_BACK) < len(load.bought):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.2)


async def asked(database_url: str, sql: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        found: int = await connection.fetchval(sql)
        return found
    finally:
        await connection.close()


async def test_a_role_that_is_not_set_up_as_the_service_needs_it_is_refused(pooled: Settings) -> None:
    await execute(pooled.direct_url, "ALTER ROLE billing_service SET lock_timeout = 0")
    await execute(pooled.direct_url, "ALTER ROLE billing_service SET synchronous_commit = off")
    db = Database(pooled.database_url, pool_size=1, pooled=True)
    try:
        with pytest.raises(UnfitDatabase, match="lock_timeout is 0, synchronous_commit is off"):
            await refuse_unfit(db, pooled)
    finally:
        await db.close()


def test_the_role_is_told_what_a_connection_of_its_own_is_told(repository: Path) -> None:
    told = (repository / "deploy/pgbouncer.sql").read_text()

    for name, setting in {**PINNED, DURABILITY: "on"}.items():
        named = f'"{name}"' if name != name.lower() else name
        assert f"ALTER ROLE billing_service SET {named} = '{setting}';" in told


async def test_doctor_says_when_nobody_could_listen(
    settings: Settings, direct_url: str, repository: Path
) -> None:
    ini = repository / "deploy/pgbouncer.ini"
    ignored = ",".join(PINNED)
    with bouncing(direct_url, ini, ignore_startup_parameters=ignored) as url:
        without = settings.model_copy(update={"database_url": url})
        twice = without.model_copy(update={"database_direct_url": url})
        right = without.model_copy(update={"database_direct_url": direct_url})
        said = [await said_of_listening(case) for case in (without, twice, right)]
    with bouncing(direct_url, ini, ignore_startup_parameters=ignored, pool_mode="session") as url:
        of_sessions = settings.model_copy(update={"database_url": url})
        said.append(await said_of_listening(of_sessions))

    assert said == [
        "DATABASE_URL leads to a pooler in transaction mode, and DATABASE_DIRECT_URL is blank: workers hear of no job",
        "DATABASE_DIRECT_URL leads to a pooler",
        None,
        None,
    ]


async def said_of_listening(settings: Settings) -> str | None:
    trouble = {finding.what: finding.trouble async for finding in findings(settings)}
    return trouble[ONE_CONNECTION]
