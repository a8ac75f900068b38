"""One more migration while the release before serves, and the way back: nobody is refused, whoever paid has it."""

import asyncio
import os
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.schema.compatibility import unfit_because
from billing_service.schema.revisions import head
from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports
from tests.scratch import execute, migrated_database, scratch_database

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
PROGRAM = """#!{python}
import sys
sys.path.insert(0, "{source}")
try:
    from billing_service.entry import main
except ModuleNotFoundError:  # an older release's script
    from billing_service.cli import app as main
main()
"""
DOWN = """
import os, sys
sys.path.insert(0, "{source}")
from alembic import command
from billing_service.schema.migrate import alembic_config
command.downgrade(alembic_config(os.environ["DATABASE_URL"]), "{head}")
"""


@dataclass(frozen=True)
class Releases:
    """The programs of a release and of the one after it, and what takes the second one's migrations back."""

    before: Path
    next: Path
    back: Path


@pytest.fixture
def releases(repository: Path, tmp_path: Path) -> Releases:
    """This code, and this code with one more migration; or another release's checkout that is named, and this code."""
    named = os.environ.get("RELEASE_BEFORE")
    before = Path(named) if named else repository
    return Releases(
        program(tmp_path / "before", PROGRAM, before),
        program(
            tmp_path / "next", PROGRAM, repository if named else one_more_migration(repository, tmp_path)
        ),
        program(tmp_path / "back", f"#!{sys.executable}{DOWN}", tmp_path),
    )


def program(path: Path, text: str, checkout: Path) -> Path:
    path.write_text(text.format(python=sys.executable, source=checkout / "src", head=head()))
    path.chmod(0o755)
    return path


def one_more_migration(repository: Path, copy: Path) -> Path:
    for folder in ("src", "migrations"):
        shutil.copytree(repository / folder, copy / folder)
    (copy / "migrations/versions/2999_next_release.py").write_text(EXPAND)
    return copy


@dataclass
class Traffic:
    """Users who look, eat and buy at whatever is in service, and pay; whatever refused one of them is in `failures`."""

    sandbox: str
    in_service: set[int]
    paid: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _asking: Counter[int] = field(default_factory=Counter)

    async def take_out(self, port: int) -> None:
        """As a platform does before it stops one: nobody is sent there any more, and who is there is done."""
        self.in_service.discard(port)
        async with asyncio.timeout(60):
            while self._asking[port]:  # noqa: ASYNC110 (counted, not signalled)
                await asyncio.sleep(0.02)

    async def more(self) -> None:
        """Until four more of them have paid: those who are on their way, and who began after this."""
        enough = len(self.paid) + 4
        async with asyncio.timeout(120):
            while len(self.paid) < enough and not self.failures:  # noqa: ASYNC110 (counted, not signalled)
                await asyncio.sleep(0.05)
        assert self.failures == []

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {DEV_TOKEN}"}, timeout=30) as http:
            streams = [asyncio.create_task(self._users(http, first)) for first in (1_000, 2_000)]
            try:
                yield
            finally:
                for stream in streams:
                    stream.cancel()
                outcomes = await asyncio.gather(*streams, return_exceptions=True)
            self.failures.extend(repr(one) for one in outcomes if not isinstance(one, asyncio.CancelledError))

    async def _users(self, http: httpx.AsyncClient, first: int) -> None:
        for user in count(first):
            await self.ask(http, "GET", "health/ready", user)
            await self.ask(http, "GET", "api/v1/billing/me/", user)
            eaten = {"operation_id": f"photo-{user}"}
            await self.ask(http, "POST", f"internal/v1/users/{user}/usage/consume", user, eaten)
            bought = await self.ask(
                http, "POST", "api/v1/billing/create-payment/", user, {"plan_code": "PRO_MONTHLY"}
            )
            payment = bought["yookassa_payment_id"]
            await http.post(f"{self.sandbox}/_sandbox/payments/{payment}/pay", json={})
            self.paid.append(user)
            await asyncio.sleep(0.3)

    async def ask(
        self, http: httpx.AsyncClient, method: str, path: str, user: int, body: object = None
    ) -> dict[str, Any]:
        port = min(self.in_service, key=lambda one: (self._asking[one], random.random()))  # noqa: S311 (no secret)
        self._asking[port] += 1
        try:
            answer = await http.request(
                method, f"http://127.0.0.1:{port}/{path}", json=body, headers={"X-User-Id": str(user)}
            )
        finally:
            self._asking[port] -= 1
        if answer.status_code not in {200, 201}:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.text}")
        told: dict[str, Any] = answer.json()
        return told

    async def everybody_has_it(self) -> None:
        """Whoever paid has what they paid for, once the workers are through."""
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {DEV_TOKEN}"}, timeout=30) as http:
            waiting = list(self.paid)
            async with asyncio.timeout(180):
                while waiting:
                    me = await self.ask(http, "GET", "api/v1/billing/me/", waiting[-1])
                    if me["plan_code"] == "PRO_MONTHLY":
                        waiting.pop()
                    else:
                        await asyncio.sleep(0.2)


async def replaced(fleet: Fleet, traffic: Traffic, port: int, release: Path) -> None:
    """One API by that of another release, at the same address."""
    await traffic.take_out(port)
    await fleet.stop(f"api-{port}")
    await fleet.serve(port, command=release)
    traffic.in_service.add(port)
    await traffic.more()


# A dozen processes are started one after another, which a busy machine takes its time for.
@pytest.mark.timeout(900)
@pytest.mark.slow
async def test_an_upgrade_and_the_way_back_refuse_nobody(
    settings: Settings, releases: Releases, tmp_path: Path
) -> None:
    first, second, sandbox = free_ports(3)
    traffic = Traffic(f"http://127.0.0.1:{sandbox}", {first, second})
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(scratch_database(settings.database_url))
        fleet = Fleet(stack, releases.before, tmp_path, environment_for(url, settings.redis_url, sandbox))
        await fleet.run("migrate")
        notified = f"http://127.0.0.1:{first}/{WEBHOOK}"
        await fleet.start("sandbox", "sandbox", "--port", str(sandbox), "--notify-url", notified)
        for worker in ("worker-1", "worker-2"):
            await fleet.start(worker, "worker")
        for port in (first, second):
            await fleet.serve(port)
        async with traffic.flowing():
            await traffic.more()
            await fleet.run("migrate", command=releases.next)
            await traffic.more()
            for port in (first, second):
                await replaced(fleet, traffic, port, releases.next)
            for worker in ("worker-1", "worker-2"):
                await fleet.stop(worker)
                await fleet.start(worker, "worker", command=releases.next)
                await traffic.more()
            # A process of the release before can still be started: nobody has to be lucky with restarts.
            await replaced(fleet, traffic, first, releases.before)
            await traffic.take_out(second)
            await fleet.stop(f"api-{second}")
            if "RELEASE_BEFORE" not in os.environ:
                await fleet.run("back", command=releases.back)
            await traffic.more()
        await traffic.everybody_has_it()
        lost = await rows_of(url, "SELECT traceback::text FROM pgqueuer_log WHERE traceback IS NOT NULL")
        alarms = await rows_of(url, "SELECT kind, facts FROM alarms")
        await fleet.stop_all(["worker-1", "worker-2", f"api-{first}"])
    assert traffic.failures == []
    assert (lost, alarms) == ([], [])


async def rows_of(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


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
