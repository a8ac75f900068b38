"""One more migration while the release before serves, and the way back: nobody is refused, somebody is always ready."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from billing_service.config import DEV_TOKEN, SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.schema.compatibility import unfit_because
from billing_service.schema.migrate import head
from tests.ports import free_ports
from tests.scratch import execute, migrated_database
from tests.test_health import answered

NEXT = "next_release"
EXPAND = f'''
from alembic import op

revision = "{NEXT}"
down_revision = "{head()}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE payments ADD COLUMN colour TEXT")
    op.execute("ALTER TABLE subscription_periods ADD COLUMN colour TEXT DEFAULT 'blue'")


def downgrade() -> None:
    op.execute("ALTER TABLE payments DROP COLUMN colour")
    op.execute("ALTER TABLE subscription_periods DROP COLUMN colour")
'''
DOWN = f"""
import os
from alembic import command
from billing_service.schema.migrate import alembic_config
command.downgrade(alembic_config(os.environ["DATABASE_URL"]), "{head()}")
"""


@pytest.fixture
def next_release(repository: Path, tmp_path: Path) -> Path:
    """This code with one more migration."""
    for folder in ("src", "migrations"):
        shutil.copytree(repository / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations/versions/2999_next_release.py").write_text(EXPAND)
    return tmp_path


class Fleet:
    """Processes of both releases on one database."""

    def __init__(self, stack: AsyncExitStack, environment: dict[str, str], folder: Path) -> None:
        self.stack, self.environment, self.folder = stack, environment, folder
        self.running: dict[str, asyncio.subprocess.Process] = {}

    def said(self, code: Path | None) -> dict[str, str]:
        return self.environment | ({"PYTHONPATH": str(code / "src")} if code else {})

    async def run(self, *arguments: str, code: Path | None = None) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=self.folder, env=self.said(code)
        )
        self.stack.push_async_callback(ended, process)
        return process

    async def serve(self, port: int, *, code: Path | None = None) -> None:
        command = "from billing_service.cli import app; app()"
        arguments = ("-c", command, "api", "--host", "127.0.0.1", "--port", str(port))
        self.running[str(port)] = await self.run(*arguments, code=code)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            await answered(http, "/health/ready")

    async def stop(self, port: int) -> None:
        await ended(self.running.pop(str(port)))


async def ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await asyncio.wait_for(process.wait(), 40)


@asynccontextmanager
async def asking(ports: set[int], failures: list[str]) -> AsyncIterator[None]:
    """Users who read and buy at whatever is in service, until the end of the block; and whether each is ready."""

    async def ask(user: int) -> None:
        headers = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": str(user)}
        async with httpx.AsyncClient(headers=headers, timeout=20) as http:
            number = 0
            while True:
                for port in sorted(ports):
                    base, number = f"http://127.0.0.1:{port}", number + 1
                    answers = [
                        await http.get(f"{base}/health/ready"),
                        await http.get(f"{base}/api/v1/billing/me/"),
                        await http.post(
                            f"{base}/api/v1/billing/create-payment/",
                            json={"plan_code": "PRO_MONTHLY"},
                            headers={"X-User-Id": str(user * 100_000 + number)},
                        ),
                    ]
                    failures.extend(one.text for one in answers if one.status_code not in {200, 201})
                await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(ask(user)) for user in (1, 2)]
    yield
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failures.extend(repr(one) for one in outcomes if not isinstance(one, asyncio.CancelledError))


# Seven processes are started one after another, which a busy machine takes its time for.
@pytest.mark.timeout(600)
@pytest.mark.slow
async def test_an_upgrade_and_the_way_back_refuse_nobody(
    settings: Settings, next_release: Path, tmp_path: Path
) -> None:
    first, second, newer, sandbox = free_ports(4)
    failures: list[str] = []
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(migrated_database(settings.database_url))
        environment = {
            "PATH": os.environ["PATH"],
            "BILLING_ENV": "dev",
            "DATABASE_URL": url,
            "REDIS_URL": settings.redis_url,
            "REDIS_KEY_PREFIX": url.rpartition("/")[2],
            "YOOKASSA_MODE": "test",
            "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
            "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
            "YOOKASSA_API_URL": f"http://127.0.0.1:{sandbox}/v3",
            "RATE_LIMIT_ATTEMPTS": "100000/min",
        }
        fleet = Fleet(stack, environment, tmp_path)
        await fleet.run("-c", "from billing_service.cli import app; app()", "sandbox", "--port", str(sandbox))
        for port in (first, second):
            await fleet.serve(port)
        in_service = {first, second}
        async with asking(in_service, failures):
            await asyncio.sleep(1)
            migrated = await fleet.run(
                "-c", "from billing_service.cli import app; app()", "migrate", code=next_release
            )
            assert await asyncio.wait_for(migrated.wait(), 60) == 0
            await asyncio.sleep(1)
            await fleet.serve(newer, code=next_release)
            in_service.add(newer)
            in_service.discard(first)
            await asyncio.sleep(2)
            await fleet.stop(first)
            # A process of the release before can still be started: nobody has to be lucky with restarts.
            await fleet.serve(first)
            in_service.add(first)
            await asyncio.sleep(1)
            in_service.discard(newer)
            await asyncio.sleep(2)
            await fleet.stop(newer)
            back = await fleet.run("-c", DOWN, code=next_release)
            assert await asyncio.wait_for(back.wait(), 60) == 0
            await asyncio.sleep(1)
    assert failures == []


TAKES_AWAY = re.compile(
    r"DROP (COLUMN|TABLE)|RENAME (TO|COLUMN)|ALTER COLUMN \w+ (SET DATA )?TYPE|SET NOT NULL", re.IGNORECASE
)


def test_whatever_takes_something_away_says_so(repository: Path) -> None:
    """Since the database says which code may use it: a migration that only adds needs no word."""
    versions = repository / "migrations/versions"
    for migration in sorted(versions.glob("20*.py")):
        text = migration.read_text()
        revision = re.search(r'^revision = "(\d+)"', text, re.MULTILINE)
        assert revision, migration.name
        upward, _, _ = text.partition("def downgrade")
        scripts = re.findall(r'run_script\("([^"]+)"\)', upward)
        sql = upward + "".join((versions / name).read_text() for name in scripts)
        if int(revision[1]) > 17 and TAKES_AWAY.search(sql):
            assert "contract(" in upward, (
                f"{migration.name} takes something away: see schema/migrate.contract"
            )


async def test_a_newer_database_that_no_longer_serves_this_code_is_unfit(settings: Settings) -> None:
    async with migrated_database(settings.database_url) as url:
        await execute(
            url,
            "UPDATE alembic_version SET version_num = 'next'; UPDATE schema_compatibility SET compatible_from = 'next'",
        )

        assert "only code that knows migration next" in (await _unfit(url, settings) or "")


async def test_a_newer_database_that_says_so_may_still_be_used(settings: Settings) -> None:
    async with migrated_database(settings.database_url) as url:
        await execute(url, "UPDATE alembic_version SET version_num = 'next'")

        assert await _unfit(url, settings) is None


async def test_an_older_database_is_unfit(settings: Settings) -> None:
    async with migrated_database(settings.database_url) as url:
        await execute(url, "UPDATE alembic_version SET version_num = '0001'")

        assert "run billing-service migrate" in (await _unfit(url, settings) or "")


async def _unfit(url: str, settings: Settings) -> str | None:
    database = Database(url, pool_size=1)
    async with database.engine.connect() as connection:
        problem = await unfit_because(connection, settings)
    await database.close()
    return problem
