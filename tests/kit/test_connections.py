"""What a role or a database is set to by default changes nothing: every connection is what the service needs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.connections import STATEMENT_SECONDS
from billing_service.kit.db import Database
from billing_service.kit.servers import Servers, create_pool
from billing_service.kit.statement_pool import StatementPool
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from billing_service.schema.migrate import alembic_config
from billing_service.services import Services
from tests.ledger import value
from tests.scratch import execute, migrated_database
from tests.stage import MainBackend

Ask = Callable[[str, str], Awaitable[str]]
HOSTILE = {
    "default_transaction_isolation": "'repeatable read'",
    "synchronous_commit": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "timezone": "'Asia/Kamchatka'",
}
SILENCE_WORDS = ("IDLE", "INTVL", "CNT")
# Works on PostgreSQL 17 and newer: what a login trigger sets comes after what was asked for while connecting.
MEDDLER = """
CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS
$$BEGIN PERFORM set_config('default_transaction_isolation', 'serializable', false); END$$;
CREATE EVENT TRIGGER meddler ON login EXECUTE FUNCTION meddle();
"""


async def set_defaults(url: str, **defaults: str) -> None:
    """For one role in one database, which wins over every other default."""
    address = urlsplit(url)
    for name, setting in defaults.items():
        await execute(
            url, f"ALTER ROLE {address.username} IN DATABASE {address.path[1:]} SET {name} = {setting}"
        )


@pytest.fixture
async def hostile(migrated: Settings) -> AsyncIterator[str]:
    async with migrated_database(migrated.database_url) as url:
        await set_defaults(url, **HOSTILE)
        yield url


async def by_the_engine(url: str, sql: str) -> str:
    database = Database(url, pool_size=1)
    try:
        return str(await value(database, sql))
    finally:
        await database.close()


async def beside_the_pool(url: str, sql: str) -> str:
    database = Database(url, pool_size=1)
    async with database.aside() as connection:
        return str(await connection.scalar(text(sql)))


async def by_the_hot_path(url: str, sql: str) -> str:
    statements = StatementPool(url, pool_size=1)
    try:
        await statements.fetch("SELECT 1")  # what a pool does between two holders undoes nothing
        return str(dict(await statements.fetch_one(sql)).popitem()[1])
    finally:
        await statements.close()


async def by_the_worker(url: str, sql: str) -> str:
    async with create_pool(url, min_size=1, max_size=1) as pool:
        await pool.fetchval("SELECT 1")
        return str(await pool.fetchval(sql))


async def by_a_migration(url: str, sql: str) -> str:
    connection = await alembic_config(url).attributes["connect"]()
    try:
        return str(await connection.fetchval(sql))
    finally:
        await connection.close()


WAYS = (by_the_engine, beside_the_pool, by_the_hot_path, by_the_worker, by_a_migration)
every_way_in = pytest.mark.parametrize("ask", WAYS, ids=lambda ask: ask.__name__)


@every_way_in
async def test_whatever_the_defaults_are_the_session_is_ours(hostile: str, ask: Ask) -> None:
    said = {name: await ask(hostile, f"SHOW {name}") for name in HOSTILE}

    assert said == {
        "default_transaction_isolation": "read committed",
        "synchronous_commit": "on",
        "statement_timeout": "8s",
        "lock_timeout": "7s",
        "timezone": "UTC",
    }


@every_way_in
@pytest.mark.parametrize(
    ("default", "kept"), [("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")]
)
async def test_durability_is_raised_and_never_lowered(
    hostile: str, ask: Ask, default: str, kept: str
) -> None:
    await set_defaults(hostile, synchronous_commit=default)

    assert await ask(hostile, "SHOW synchronous_commit") == kept


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_six_clicks_make_one_payment_whatever_the_default_isolation(
    services: Services, hostile: str, isolation: str
) -> None:
    await set_defaults(hostile, default_transaction_isolation=f"'{isolation}'")
    own = Database(hostile, pool_size=10)
    settings = services.settings.model_copy(update={"database_url": hostile})
    statements = StatementPool(hostile, pool_size=10)
    app = create_app(settings, replace(services, settings=settings, db=own, statements=statements))
    async with MainBackend.calling(app) as api:
        for user in range(1, 6):
            clicks = await asyncio.gather(*(api.buy(user=user) for _ in range(6)))

            assert len({click["payment_id"] for click in clicks}) == 1
    assert await value(own, "SELECT count(*) FROM payments") == 5
    await statements.close()
    await own.close()


async def test_the_start_reads_back_what_it_asked_for(hostile: str, settings: Settings) -> None:
    database = Database(hostile, pool_size=1)

    session = await refuse_unfit(database, settings)

    assert session["default_transaction_isolation"] == "read committed"
    assert session["synchronous_commit"] == "on"
    await database.close()


async def test_nothing_starts_where_a_session_is_not_what_was_asked_for(
    hostile: str, settings: Settings
) -> None:
    await execute(hostile, MEDDLER)
    database = Database(hostile, pool_size=1)

    with pytest.raises(UnfitDatabase, match="default_transaction_isolation is serializable"):
        await refuse_unfit(database, settings)

    await database.close()


async def test_a_machine_that_is_gone_without_a_word_is_noticed_before_patience_ends(
    migrated: Settings,
) -> None:
    connection = await Servers(migrated.database_url).connect()
    peer = connection._transport.get_extra_info("socket")  # noqa: SLF001 (the driver has no word for it)
    idle = [peer.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{word}")) for word in SILENCE_WORDS]
    keeps_asking = peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    await connection.close()

    first, then, times = idle
    assert keeps_asking
    assert first + then * times < STATEMENT_SECONDS
