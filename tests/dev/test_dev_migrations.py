"""Which databases are brought to the newest migration, and what is said about one that is not."""

import asyncio
import socket
from collections.abc import Iterator

import asyncpg
import pytest

from billing_service.config import Settings
from billing_service.dev.errors import CannotStart
from billing_service.dev.migrations import migrate, refuse_unusable
from billing_service.dev.servers import embedded_servers
from tests.scratch import Shape, execute, shape_of

PAID_FOR_REAL = """
    INSERT INTO subscriptions (user_id) VALUES (1);
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status,
        shop_id, is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, imported)
    VALUES (gen_random_uuid(), 1, 'PRO_MONTHLY', 299, 'RUB', 30, 'PRO', 'PLAN', 'CANCELED',
        '200600', false, 'main', 'create-payment', 'x', 'https://app.eatfit24.ru/', '1', false)
"""


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_servers(tmp_path_factory.mktemp("servers"), throwaway=True) as servers:
        yield servers.database_url


@pytest.fixture
def database_url(server_url: str) -> str:
    """An empty database."""
    asyncio.run(execute(server_url, "DROP DATABASE IF EXISTS fresh WITH (FORCE)"))
    asyncio.run(execute(server_url, "CREATE DATABASE fresh"))
    return server_url.rpartition("/")[0] + "/fresh"


def test_a_server_that_does_not_answer_is_said_to_be_out_of_reach() -> None:
    with socket.socket() as silent:  # ours, so that nobody else answers there; but it does not listen
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(CannotStart, match="cannot be reached"):
            migrate(f"postgresql://billing:pa55word@127.0.0.1:{silent.getsockname()[1]}/billing")


@pytest.mark.parametrize("name", ["nobody:pa55word@", "billing@"])
def test_a_user_or_a_database_that_is_unknown_is_named(server_url: str, name: str) -> None:
    url = server_url.replace("billing@", name).replace("/billing", "/unknown")

    with pytest.raises(CannotStart, match=r'refuses: .*"(nobody|unknown)" does not exist') as refusal:
        migrate(url)

    assert "pa55word" not in str(refusal.value)


def test_an_empty_database_and_one_of_ours_are_migrated(database_url: str) -> None:
    asyncio.run(execute(database_url, "CREATE EXTENSION btree_gist"))

    migrate(database_url)
    migrate(database_url)

    assert ("column", "payments.id") in asyncio.run(shape_of(database_url))


@pytest.mark.parametrize(
    ("theirs", "recognised_by"),
    [
        ("CREATE TABLE orders (id int)", r"it is not empty \(there is orders\)"),
        (
            "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)",
            r"it is not empty \(there is shop\.orders\)",
        ),
        ("CREATE TABLE alembic_version AS SELECT 'theirs' AS version_num", "alembic_version says 'theirs'"),
        (
            "CREATE TABLE alembic_version AS SELECT '0003' AS version_num; CREATE TABLE payments (id int)",
            "alembic_version says '0003', but it has no table (daily_usage|refunds|subscription)",
        ),
    ],
    ids=["a table", "a table in another schema", "an unknown migration", "a migration of the same name"],
)
def test_somebody_elses_database_stays_as_it_is(database_url: str, theirs: str, recognised_by: str) -> None:
    asyncio.run(execute(database_url, theirs))
    before = asyncio.run(whole(database_url))

    with pytest.raises(CannotStart, match=recognised_by) as refusal:
        migrate(database_url)

    assert "\n" not in str(refusal.value)
    assert asyncio.run(whole(database_url)) == before


def test_a_database_with_a_live_shops_payments_is_not_for_trying_things(database_url: str) -> None:
    migrate(database_url)
    asyncio.run(execute(database_url, PAID_FOR_REAL))

    with pytest.raises(CannotStart, match="holds payments of a live shop"):
        migrate(database_url)

    migrate(database_url, allow_production=True)


def test_what_api_and_worker_would_refuse_is_said_before_they_start(
    database_url: str, settings: Settings
) -> None:
    migrate(database_url)
    asyncio.run(execute(database_url, "INSERT INTO usage_timezone (name) VALUES ('Asia/Tokyo')"))

    with pytest.raises(CannotStart, match="its days end at midnight of Asia/Tokyo") as refusal:
        refuse_unusable(settings.model_copy(update={"database_url": database_url}))

    assert "\n" not in str(refusal.value)


async def whole(database_url: str) -> tuple[Shape, list[str]]:
    """What is there, in every schema."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT oid::regclass::text FROM pg_class ORDER BY oid")
    finally:
        await connection.close()
    return await shape_of(database_url), [name for (name,) in rows]
