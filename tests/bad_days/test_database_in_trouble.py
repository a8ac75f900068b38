"""The database answers and does not do its work: everybody is told to come again, and nobody has to be restarted."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.dev.servers import Servers, embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.schema import migrate
from billing_service.schema.tables import JOBS
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.bad_days.load import AT_ONCE, Load
from tests.bad_days.processes import Running, a_worker, listening
from tests.scratch import execute
from tests.stage import USER, BackOffice, MainBackend, WebApp

# A superuser has every right and every connection, so the service is somebody else here.
APP = "service"
TERMINATE = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APP}'"  # noqa: S608


@dataclass
class Stage:
    """The API in this process and a worker of its own, on a database of an ordinary role."""

    admin_url: str
    url: str
    database: Database
    load: Load
    worker: Running

    async def admin(self, sql: str) -> None:
        """A superuser's word, inside the service's database."""
        await execute(self.admin_url.rpartition("/")[0] + "/" + self.url.rpartition("/")[2], sql)

    async def ready(self) -> httpx.Response:
        return await self.load.api.http.get("/health/ready")


Trouble = Callable[[Stage], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with embedded_servers(tmp_path_factory.mktemp("trouble"), throwaway=True) as servers:
        yield servers


@pytest.fixture(scope="module")
def tiny_disk(servers: Servers) -> Iterator[Path]:
    """A file system of a few megabytes that PostgreSQL may use. Without the right to mount one the test is skipped, but
    never in CI."""
    folder = servers.postgres.data.parent / "tiny"
    folder.mkdir()
    mounted = _mount("-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder))
    if not mounted:
        reason = "only root (or sudo without a password) may mount a small file system"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    servers.postgres.folder.account.make_private(folder / "space")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def _mount(*arguments: str) -> bool:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and shutil.which("sudo") is None:
        return False
    return subprocess.run([*sudo, "mount", *arguments], check=False, capture_output=True).returncode == 0


@pytest.fixture
async def stage(
    servers: Servers, services: Services, sandbox: Sandbox, web: WebApp, tmp_path: Path
) -> AsyncIterator[Stage]:
    async with _stage(servers, services, sandbox, web, tmp_path, "") as stage:
        yield stage


@asynccontextmanager
async def _stage(
    servers: Servers, services: Services, sandbox: Sandbox, web: WebApp, folder: Path, where: str
) -> AsyncIterator[Stage]:
    admin_url = servers.database_url
    await execute(admin_url, f"CREATE ROLE {APP} LOGIN")
    await execute(admin_url, f"CREATE DATABASE trouble OWNER {APP} {where}")
    url = admin_url.replace("billing@", f"{APP}@").rpartition("/")[0] + "/trouble"
    await asyncio.to_thread(migrate.upgrade, url)
    settings = services.settings.model_copy(update={"database_url": url})
    own, statements = Database(url, pool_size=5), StatementPool(url, pool_size=5)
    web.app = create_app(settings, replace(services, settings=settings, db=own, statements=statements))
    try:
        async with (
            listening(sandbox) as yookassa,
            a_worker(settings, yookassa, folder) as worker,
            MainBackend.calling(web) as api,
        ):
            yield Stage(admin_url, url, own, Load(api, pause=0.1), worker)
    finally:
        await services.background.drain(5)
        await statements.close()
        await own.close()
        await execute(admin_url, "DROP DATABASE trouble WITH (FORCE)")
        await execute(admin_url, f"DROP ROLE {APP}")


@asynccontextmanager
async def read_only(stage: Stage) -> AsyncIterator[None]:
    """As during a failover, or as a managed database does before its disk is full."""
    await stage.admin("ALTER SYSTEM SET default_transaction_read_only = on")
    await stage.admin("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        await stage.admin("ALTER SYSTEM RESET default_transaction_read_only")
        await stage.admin("SELECT pg_reload_conf()")


@asynccontextmanager
async def too_many_connections(stage: Stage) -> AsyncIterator[None]:
    """Somebody else has them all, and every connection of ours is lost once."""
    await stage.admin("ALTER DATABASE trouble CONNECTION LIMIT 0")
    await stage.admin(TERMINATE)
    yield
    await stage.admin("ALTER DATABASE trouble CONNECTION LIMIT -1")


@asynccontextmanager
async def revoked(stage: Stage, rights: str, table: str) -> AsyncIterator[None]:
    await stage.admin(f"REVOKE {rights} ON {table} FROM {APP}")
    yield
    await stage.admin(f"GRANT {rights} ON {table} TO {APP}")


async def goes_through(stage: Stage, office: BackOffice, trouble: Trouble) -> httpx.Response:
    """What readiness says meanwhile; all else must be as if nothing had been, without anybody's help."""
    async with stage.load.going_on():
        await asyncio.sleep(0.5)
        async with trouble(stage):
            await asyncio.sleep(1.5)
            during = await stage.ready()
        await asyncio.sleep(1)
    after = [*stage.load.told.values()][-AT_ONCE:] + stage.load.bought[-AT_ONCE:]

    stage.load.everybody_was_told_to_come_again()
    assert {one.status_code for one in after} == {200, 201}
    assert (await stage.ready()).status_code == 200
    await stage.load.nothing_acknowledged_is_lost(stage.database, office)
    assert stage.worker.process.poll() is None
    assert await broken_rules(stage.database) == {}
    return during


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (read_only, "read only: it takes no payments now"),
        (too_many_connections, "is at its end: disk, memory or connections (SQLSTATE 53300)"),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
async def test_it_is_not_ready_and_goes_on_by_itself(
    stage: Stage, office: BackOffice, trouble: Trouble, said: str
) -> None:
    ready = await goes_through(stage, office, trouble)

    assert ready.status_code == 503
    assert ready.json()["database"] == said


async def test_a_full_disk_is_waited_for(
    servers: Servers,
    tiny_disk: Path,
    services: Services,
    sandbox: Sandbox,
    web: WebApp,
    office: BackOffice,
    tmp_path: Path,
) -> None:
    await execute(servers.database_url, f"CREATE TABLESPACE tiny LOCATION '{tiny_disk / 'space'}'")

    @asynccontextmanager
    async def full(_stage: Stage) -> AsyncIterator[None]:
        filler = tiny_disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            filler.unlink()

    async with _stage(servers, services, sandbox, web, tmp_path, "TABLESPACE tiny") as stage:
        ready = await goes_through(stage, office, full)
        refused = [answer for answer in stage.load.answers if not answer.is_success]
    await execute(servers.database_url, "DROP TABLESPACE tiny")

    assert refused
    assert ready.status_code == 503
    assert ready.json()["database"] == "is at its end: disk, memory or connections (SQLSTATE 53100)"


async def test_backends_that_are_terminated_again_and_again_cost_answers_and_nothing_else(
    stage: Stage, office: BackOffice
) -> None:
    @asynccontextmanager
    async def terminated(stage: Stage) -> AsyncIterator[None]:
        for _ in range(10):
            await stage.admin(TERMINATE)
            await asyncio.sleep(0.1)
        yield

    await goes_through(stage, office, terminated)

    assert any(not answer.is_success for answer in stage.load.answers)


CHANGES = (
    "ALTER TABLE payments ALTER description TYPE varchar(5000)",
    "ALTER TABLE payments ADD COLUMN added text",
    "ALTER TABLE subscriptions ADD COLUMN added text",
    "ALTER TABLE webhook_logs ALTER error_message TYPE varchar(5000)",
    "ALTER TABLE subscription_plans ALTER display_name TYPE varchar(500)",
)


async def test_a_column_that_changes_under_a_running_process_is_prepared_for_anew(
    stage: Stage, office: BackOffice
) -> None:
    @asynccontextmanager
    async def changed(stage: Stage) -> AsyncIterator[None]:
        for change in CHANGES:
            await stage.admin(change)
            await asyncio.sleep(0.5)
        yield

    ready = await goes_through(stage, office, changed)

    assert ready.status_code == 200


async def test_a_right_that_is_taken_away_is_said_told_to_a_person_and_waited_for(
    stage: Stage, office: BackOffice
) -> None:
    said = {}

    @asynccontextmanager
    async def one_right_after_the_other(stage: Stage) -> AsyncIterator[None]:
        for table in ("payments", "webhook_logs", *JOBS):
            async with revoked(stage, "SELECT, INSERT, UPDATE", table):
                said[table] = (await stage.ready()).json()["database"]
                await asyncio.sleep(0.7)
        async with revoked(stage, "SELECT, UPDATE", "pgqueuer_schedules"):
            await stage.worker.until(lambda: "worker_interrupted" in stage.worker.log.read_text())
        yield

    await goes_through(stage, office, one_right_after_the_other)

    assert said == {table: f"a right is missing: SELECT on {table}" for table in said}


async def test_reading_goes_on_while_nothing_can_be_written(stage: Stage) -> None:
    async with read_only(stage):
        shown = [await stage.load.api.get(path) for path in ("me/", "subscription/", "payments/", "plans/")]
        used = await stage.load.api.consume(USER, amount=1)

    assert [answer.status_code for answer in shown] == [200] * 4
    assert used.status_code == 503
    assert int(used.headers["retry-after"]) > 0
