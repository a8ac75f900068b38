"""A transaction is a block, nothing waits for ever, and only what may pass by itself is called unavailable."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing_service.config import Settings
from billing_service.kit.db import Database, is_unavailable
from billing_service.kit.statement_pool import StatementPool
from billing_service.payments.models import Payment
from billing_service.payments.states import Status
from billing_service.schema import migrate
from tests import ledger

ADD = text("INSERT INTO subscriptions (user_id) VALUES (1)")
FACTS = "SELECT count(*) FROM subscriptions"


@pytest.fixture
async def impatient(
    settings: Settings,
    database: Database,  # noqa: ARG001 (emptied before the first row)
) -> AsyncIterator[Database]:
    """One connection only, and a short patience in the session."""
    one = Database(settings.database_url, pool_size=1)
    yield one
    await one.close()


async def error_of(database: Database, *statements: str) -> Exception:
    try:
        async with database.begin() as session:
            for statement in statements:
                await session.execute(text(statement))
    except Exception as error:  # noqa: BLE001 (returned, not swallowed)
        return error
    raise AssertionError("nothing went wrong")


async def test_the_end_of_the_block_commits(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(ADD)

    assert await ledger.value(database, FACTS) == 1


async def test_any_exception_undoes_the_whole_block(database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as session:
            await session.execute(ADD)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert await ledger.value(database, FACTS) == 0


async def test_a_canceled_block_is_undone_and_gives_its_connection_back(impatient: Database) -> None:
    async def hang() -> None:
        async with impatient.begin() as session:
            await session.execute(ADD)
            await session.execute(text("SELECT pg_sleep(30)"))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(hang(), 0.2)

    assert await ledger.value(impatient, FACTS) == 0


async def test_a_statement_that_takes_too_long_may_be_tried_again(database: Database) -> None:
    assert is_unavailable(await error_of(database, "SET LOCAL statement_timeout = 50", "SELECT pg_sleep(5)"))


async def test_a_lock_that_does_not_come_may_be_tried_again(database: Database, impatient: Database) -> None:
    async with database.begin() as holder:
        await holder.execute(text("LOCK TABLE payments"))

        error = await error_of(impatient, "SET LOCAL lock_timeout = 50", "SELECT 1 FROM payments")

    assert is_unavailable(error)


async def test_a_connection_that_was_cut_may_be_tried_again(impatient: Database) -> None:
    error = await error_of(impatient, "SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_unavailable(error)
    assert await ledger.value(impatient, "SELECT 1") == 1


async def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    nowhere = Database("postgresql://billing@127.0.0.1:1/billing", pool_size=1)

    assert is_unavailable(await error_of(nowhere, "SELECT 1"))


@pytest.mark.parametrize("change", [{"path": "/nowhere"}, {"netloc": "stranger@{host}"}])
async def test_a_server_that_does_not_let_us_in_may_be_tried_again(
    migrated: Settings, change: dict[str, str]
) -> None:
    """A password that was changed, a database that is being restored: an operator mends it, and we go on."""
    address = urlsplit(migrated.database_url)
    host = address.netloc.rpartition("@")[2]
    url = address._replace(**{part: value.format(host=host) for part, value in change.items()}).geturl()
    database, statements = Database(url, pool_size=1), StatementPool(url, pool_size=1)

    with pytest.raises(asyncpg.PostgresError) as refused:
        await statements.fetch("SELECT 1")

    assert is_unavailable(refused.value)
    assert is_unavailable(await error_of(database, "SELECT 1"))
    await statements.close()
    await database.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT 1 / 0",
        "SELECT * FROM nothing",
        "INSERT INTO subscriptions (user_id) VALUES (0)",
        "SELECT 'x'::int",
    ],
)
async def test_a_mistake_of_ours_is_not_called_unavailable(database: Database, wrong: str) -> None:
    assert not is_unavailable(await error_of(database, wrong))


async def test_a_value_of_the_wrong_type_is_a_mistake_of_ours(statements: StatementPool) -> None:
    with pytest.raises(asyncpg.DataError) as wrong:
        await statements.fetch("SELECT $1::bigint", "a text")

    assert not is_unavailable(wrong.value)


async def test_the_text_of_an_error_holds_none_of_the_values(database: Database) -> None:
    canary = "4111111111111111"

    with pytest.raises(DBAPIError) as failed:
        async with database.begin() as session:
            await session.execute(text("SELECT CAST(:value AS text) FROM nothing"), {"value": canary})

    assert canary not in str(failed.value)
    assert canary not in repr(failed.value)


async def test_a_word_in_the_address_that_nobody_knows_is_not_called_unavailable(migrated: Settings) -> None:
    url = f"{migrated.database_url}?sslmode=perhaps"
    database, statements = Database(url, pool_size=1), StatementPool(url, pool_size=1)

    with pytest.raises(asyncpg.InterfaceError) as unknown:
        await statements.fetch("SELECT 1")

    assert not is_unavailable(unknown.value)
    assert not is_unavailable(await error_of(database, "SELECT 1"))
    await statements.close()
    await database.close()


@pytest.mark.parametrize("error", [LookupError(), ValueError(), AssertionError()])
def test_what_has_nothing_to_do_with_the_database_is_not_called_unavailable(error: Exception) -> None:
    assert not is_unavailable(error)


async def test_every_connection_has_bounds_and_utc(database: Database) -> None:
    names = ("timezone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit")

    said = {name: await ledger.value(database, f"SHOW {name}") for name in names}

    assert said == {
        "timezone": "UTC",
        "statement_timeout": "8s",
        "lock_timeout": "7s",
        "idle_in_transaction_session_timeout": "20s",
        "jit": "off",
    }


@pytest.mark.parametrize("ending", ["?sslmode=prefer", "?sslmode=disable"])
async def test_an_address_may_say_how_to_connect(migrated: Settings, ending: str) -> None:
    """Managed databases hand out addresses such as `...?sslmode=require`; every way in has to understand them."""
    url = migrated.database_url + ending
    database, statements = Database(url, pool_size=1), StatementPool(url, pool_size=1)

    await asyncio.to_thread(migrate.upgrade, url)

    assert await ledger.value(database, "SELECT 1") == 1
    assert (await statements.fetch_one("SELECT 1 AS one"))["one"] == 1
    await statements.close()
    await database.close()


async def test_a_row_is_read_as_the_constructor_would_have_made_it() -> None:
    facts = {column.key: None for column in Payment.__table__.columns} | {"status": "PENDING", "user_id": 7}
    read, made = Payment.of_row(facts), Payment(**facts)

    assert {name: getattr(read, name) for name in facts} == {name: getattr(made, name) for name in facts}
    assert Payment.of_row({"user_id": 7}).paid_at is None
    read.status = "FAILED"
    assert (read.state, made.state) == (Status.FAILED, Status.PENDING)
