"""How Alembic reaches the database: one connection, one transaction, one migrator at a time."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

# "billing" in ASCII; whoever holds it is migrating, everybody else waits.
MIGRATION_LOCK = 0x62696C6C696E67


def run(connection: Connection) -> None:
    # First in line, however long the other one takes; the short patience is for locks of tables in use.
    connection.execute(text("SET lock_timeout = 0"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    context.configure(connection=connection, target_metadata=context.config.attributes.get("metadata"))
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


async def connect_and_run() -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=context.config.attributes["connect"],
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(connect_and_run())
