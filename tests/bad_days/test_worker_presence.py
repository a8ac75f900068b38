"""Whether a worker of this host is at work can be asked of the command, and it answers by its exit code."""

import asyncio
import os
import signal
import socket
from importlib.metadata import version
from pathlib import Path

from billing_service.config import Settings
from billing_service.kit.db import Database
from tests.bad_days.processes import Running
from tests.demo.running import COMMAND
from tests.ledger import rows, value

KILLED_LONG_AGO = "UPDATE worker_heartbeats SET seen_at = seen_at - interval '31 seconds'"
AN_HOUR_LATER = "UPDATE worker_heartbeats SET seen_at = seen_at - interval '1 hour'"
SEEN_NOW = "SELECT bool_and(clock_timestamp() - seen_at < interval '20 seconds') FROM worker_heartbeats"


async def check(database_url: str, folder: Path) -> tuple[int, str]:
    """`worker --check`, which knows nothing but where the database is."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *("worker", "--check"),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def until_it_is_seen(database: Database) -> None:
    async with asyncio.timeout(30):
        while not await value(database, SEEN_NOW):  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.05)


async def test_a_worker_is_seen_until_it_stops_and_beats_on_after_a_jump_of_the_clock(
    worker_process: Running, database: Database, settings: Settings, tmp_path: Path
) -> None:
    await until_it_is_seen(database)
    (seen,) = await rows(database, "SELECT host, pid, version FROM worker_heartbeats")
    at_work = await check(settings.database_url, tmp_path)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(AN_HOUR_LATER)
    await until_it_is_seen(database)
    worker_process.process.send_signal(signal.SIGTERM)
    ended = await worker_process.ended(within=60)
    gone = await check(settings.database_url, tmp_path)

    assert seen == {
        "host": socket.gethostname(),
        "pid": worker_process.process.pid,
        "version": version("billing-service"),
    }
    assert at_work == (0, "a worker of this host is at work\n")
    assert ended == 0
    assert gone == (1, "no worker of this host is at work\n")


async def test_a_killed_worker_is_missed_and_its_last_sign_is_named(
    worker_process: Running, database: Database, settings: Settings, tmp_path: Path
) -> None:
    await until_it_is_seen(database)
    worker_process.kill()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(KILLED_LONG_AGO)

    code, said = await check(settings.database_url, tmp_path)

    assert code == 1
    assert said.startswith("no worker of this host is at work: the last one was seen ")


async def test_a_database_that_cannot_be_asked_is_said_in_one_line(tmp_path: Path) -> None:
    code, said = await check("postgresql://billing:pa55word@127.0.0.1:1/billing", tmp_path)

    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("no worker can be seen: the database cannot be reached (")
    assert "pa55word" not in said
