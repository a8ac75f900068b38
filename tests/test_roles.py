"""API and worker need no superuser: the roles of deploy/roles.sql do, and billing_service can change no table."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.schema import migrate
from billing_service.schema.compatibility import refuse_unfit
from billing_service.services import Services
from tests.scratch import execute, scratch_database
from tests.stage import BackOffice, MainBackend, WebApp, work_off

FORGET = "DROP OWNED BY billing_service, billing_owner; DROP ROLE billing_service, billing_owner"


@pytest.fixture
async def service_url(services: Services, repository: Path) -> AsyncIterator[str]:
    """A database as docs/operations.md has it made, migrated by its owner: the address of the service's role."""
    roles = (repository / "deploy/roles.sql").read_text()
    async with scratch_database(services.settings.database_url) as admin_url:
        await execute(admin_url, roles)
        try:
            owner_url = admin_url.replace("//billing@", "//billing_owner@")
            await asyncio.to_thread(migrate.upgrade, owner_url)
            yield admin_url.replace("//billing@", "//billing_service@")
        finally:
            await execute(admin_url, "REASSIGN OWNED BY billing_owner TO billing")
            await execute(admin_url, FORGET)


async def test_the_service_sells_limits_and_settles_as_a_role_that_is_no_superuser(
    services: Services, service_url: str, web: WebApp, office: BackOffice
) -> None:
    own = replace(
        services,
        settings=services.settings.model_copy(update={"database_url": service_url}),
        db=Database(service_url, pool_size=5),
        statements=StatementPool(service_url, pool_size=5),
    )
    await refuse_unfit(own.db, own.settings)
    web.app = create_app(own.settings, own)
    async with MainBackend.calling(web) as api:
        bought = await api.buy()
        assert (await api.consume(operation_id="one")).status_code == 200
        await office.pay(bought)
        await work_off(own)

        assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    await own.statements.close()
    await own.db.close()


@pytest.mark.parametrize(
    "forbidden",
    [
        "ALTER TABLE payments ADD COLUMN colour TEXT",
        "DROP TABLE daily_usage",
        "TRUNCATE audit_log",
        "CREATE TABLE mine (id INT)",
        "CREATE OR REPLACE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "ALTER ROLE billing_service SUPERUSER",
    ],
)
async def test_that_role_changes_no_table(service_url: str, forbidden: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(service_url, forbidden)
