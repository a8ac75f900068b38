"""A real PgBouncer as deploy/pgbouncer.ini has it, between the service and the database."""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from billing_service.dev.folders import usable_folder
from billing_service.schema import migrate
from tests.ports import free_port
from tests.scratch import execute

# By .ci/run, where the distribution's own is too old.
INSTALLED = "/opt/pgbouncer"
OLDEST = (1, 21)


def pgbouncer() -> str:
    """The program. Without it the test is skipped, but never in CI."""
    found = shutil.which("pgbouncer", path=f"{INSTALLED}:{os.environ['PATH']}:/usr/sbin")
    if found and _version_of(found) >= OLDEST:
        return found
    reason = "PgBouncer 1.21 or newer is not installed (tools/install-pgbouncer does that)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    return pytest.skip(reason)


def _version_of(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:2]))


def of_the_service(url: str) -> str:
    """The same address, of the role that the service has."""
    return url.replace("//billing@", "//billing_service@")


async def prepare(admin_url: str, repository: Path) -> None:
    """Make of an empty database what docs/operations.md says, for the role that the service has."""
    await execute(admin_url, (repository / "deploy/roles.sql").read_text())
    await execute(admin_url, (repository / "deploy/pgbouncer.sql").read_text())
    await asyncio.to_thread(migrate.upgrade, admin_url.replace("//billing@", "//billing_owner@"))


@contextmanager
def bouncing(database_url: str, settings: Path, **differently: str) -> Iterator[str]:
    """The address by which a PgBouncer leads to `database_url`, with these settings of its own."""
    behind = urlsplit(database_url)
    program = pgbouncer()
    with TemporaryDirectory(prefix="billing-service-pgbouncer-") as name:
        Path(name).chmod(0o755)
        folder = usable_folder(Path(name))
        port = free_port()
        ini = ConfigParser()
        ini.read(settings)
        database = behind.path[1:]
        ini["databases"] = {database: f"host={behind.hostname} port={behind.port} dbname={database}"}
        ours = {
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": str(folder.path / "users"),
            "ignore_startup_parameters": "",
        }
        ini["pgbouncer"].update(ours | differently)
        (folder.path / "users").write_text(f'"{behind.username}" ""\n')
        with (folder.path / "ini").open("w") as written:
            ini.write(written)
        log = (folder.path / "log").open("wb")
        process = subprocess.Popen(
            [program, str(folder.path / "ini")], stdout=log, stderr=log, **folder.account.spawn_options
        )
        try:
            _wait_for(process, folder.path / "log")
            yield behind._replace(netloc=f"{behind.username}@127.0.0.1:{port}").geturl()
        finally:
            process.terminate()
            process.wait(30)
            log.close()


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(500):
        if "process up" in log.read_text():
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.01)
    raise AssertionError(log.read_text())
