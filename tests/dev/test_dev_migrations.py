"""What is said about a database that cannot be brought to the newest migration."""

import asyncio
import socket
from collections.abc import Iterator

import asyncpg
import pytest

from billing_service.dev.errors import CannotStart
from billing_service.dev.migrations import migrate
from billing_service.dev.servers import embedded_servers


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_servers(tmp_path_factory.mktemp("servers"), throwaway=True) as servers:
        yield servers.database_url


def test_a_server_that_does_not_answer_is_said_to_be_out_of_reach() -> None:
    with socket.socket() as silent:  # ours, so that nobody else answers there; but it does not listen
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(CannotStart, match="cannot be reached"):
            migrate(f"postgresql://billing:pa55word@127.0.0.1:{silent.getsockname()[1]}/billing")


@pytest.mark.parametrize("name", ["nobody:pa55word@", "billing@"])
def test_a_user_or_a_database_that_is_unknown_is_named(database_url: str, name: str) -> None:
    url = database_url.replace("billing@", name).replace("/billing", "/unknown")

    with pytest.raises(
        CannotStart, match=r'does not let us in (.*"(nobody|unknown)" does not exist)'
    ) as refusal:
        migrate(url)

    assert "pa55word" not in str(refusal.value)


def test_a_database_of_another_version_is_said_to_be_one(database_url: str) -> None:
    asyncio.run(come_from_the_future(database_url))

    with pytest.raises(CannotStart, match=r"another version of this code .*'the future'"):
        migrate(database_url)


async def come_from_the_future(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE alembic_version AS SELECT 'the future' AS version_num")
    await connection.close()
