"""Whatever a database refuses, each process says in one line, in the server's own words, and never with a secret."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing_service.dev.servers import Servers, embedded_servers
from billing_service.schema import migrate, revisions
from tests.forked import Ended, run_to_its_end
from tests.scratch import execute, shape_of
from tests.test_config import ENCRYPTION_KEY, IN_TEST

PASSWORD, WRONG = "right-pa55word", "wrong-pa55word"
ASKS_FOR_PASSWORDS = "host all all 127.0.0.1/32 scram-sha-256\n"
NOBODY_LISTENS = {"REDIS_URL": "redis://127.0.0.1:1/0", "YOOKASSA_API_URL": "https://127.0.0.1:1/v3"}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that asks for passwords."""

    servers: Servers

    def url(self, name: str, user: str = "billing", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.servers.postgres.port}/{name}"

    async def create(self, name: str, sql: str = "") -> str:
        await execute(self.url("billing"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await execute(self.url("billing"), f"CREATE DATABASE {name}")
        if sql:
            await execute(self.url(name), sql)
        return self.url(name)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    with embedded_servers(tmp_path_factory.mktemp("servers"), throwaway=True) as servers:
        await execute(servers.database_url, f"CREATE ROLE weak LOGIN PASSWORD '{PASSWORD}'")
        await execute(servers.database_url, f"ALTER ROLE billing PASSWORD '{PASSWORD}'")
        servers.postgres.stop()
        (servers.postgres.data / "pg_hba.conf").write_text(ASKS_FOR_PASSWORDS)
        servers.postgres.start()
        yield Server(servers)


async def run(folder: Path, process: str, **variables: str) -> Ended:
    """A process that ends by itself, and knows nothing but these variables."""
    arguments = (process, "--port", "1") if process == "api" else (process,)
    return await run_to_its_end(arguments, {"PATH": os.environ["PATH"], **variables}, folder)


async def refused_by(folder: Path, url: str, *processes: str) -> dict[str, str]:
    """The one line that each of these processes says on this database, and ends with 1."""
    settings = IN_TEST | NOBODY_LISTENS
    tokens = {
        "BILLING_SERVICE_TOKENS": f"main:{'0' * 64}:user",
        "BILLING_ENCRYPTION_KEYS": ENCRYPTION_KEY,
    }
    ended = await asyncio.gather(
        *(run(folder, process, DATABASE_URL=url, **settings, **tokens) for process in processes)
    )
    lines = {}
    for process, end in zip(processes, ended, strict=True):
        assert end.code == 1, (process, end)
        assert not any(secret in end.output + end.errors for secret in (PASSWORD, WRONG, "Traceback")), end
        said = [line for line in end.output.splitlines() if line.startswith("WRONG     the database")]
        # The doctor answers on standard output, and logs beside it.
        (lines[process],) = said or end.errors.splitlines()
    return lines


async def test_a_wrong_password(server: Server, tmp_path: Path) -> None:
    url = server.url("billing", password=WRONG)

    said = await refused_by(tmp_path, url, "migrate", "api", "worker", "doctor")

    words = 'refuses: password authentication failed for user "billing"'
    assert said == {
        "migrate": f"billing-service will not start: the database {words}",
        "api": f"billing-service will not start: the database {words}",
        "worker": f"billing-service will not start: the database {words}",
        "doctor": f"WRONG     the database can be used: it {words}",
    }


async def test_no_right_to_create_and_none_to_read(server: Server, tmp_path: Path) -> None:
    await server.create("empty")
    await asyncio.to_thread(migrate.upgrade, await server.create("migrated"))
    read = server.url("migrated", user="weak")

    created = await refused_by(tmp_path, server.url("empty", user="weak"), "migrate")
    said = await refused_by(tmp_path, read, "api", "worker", "doctor")

    assert created["migrate"].endswith("the database refuses: permission denied for schema public")
    assert {line.rpartition(": ")[2] for line in said.values()} == {
        "permission denied for table alembic_version"
    }


async def test_a_database_of_another_program(server: Server, tmp_path: Path) -> None:
    url = await server.create(
        "theirs", "CREATE TABLE alembic_version AS SELECT 'theirs' AS version_num; CREATE TABLE payments ()"
    )
    before = await shape_of(url)

    said = await refused_by(tmp_path, url, "migrate", "api")

    words = "its alembic_version says 'theirs', which is no migration of this release"
    assert all(words in line for line in said.values()), said
    assert await shape_of(url) == before


async def test_a_table_in_the_way(server: Server, tmp_path: Path) -> None:
    url = await server.create("in_the_way", "CREATE TABLE payments (id int)")

    said = await refused_by(tmp_path, url, "migrate")

    assert said["migrate"].endswith('the database refuses: relation "payments" already exists')


async def test_migrate_needs_the_database_and_nothing_else(server: Server, tmp_path: Path) -> None:
    url = await server.create("fresh")

    done = await run(tmp_path, "migrate", DATABASE_URL=url)

    assert (done.code, done.errors) == (0, "")
    assert done.output.endswith(f"the database is at {revisions.head()}\n")
