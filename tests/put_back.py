"""Puts the shared database back as it was migrated, before every test."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.schema.tables import OURS, PINNED

QUEUE = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules")
TABLES = ", ".join([*PINNED, *OURS, *QUEUE])
DELETED = "; ".join(f"DELETE FROM {table}" for table in TABLES.split(", "))  # noqa: S608 (our own names)
SMALL = 64 * 8192

# TRUNCATE makes every file of every table and index anew: a hundred times the work of deleting the few rows of most
# tests. Like it, this waits for whoever still writes, and triggers and foreign keys see nothing.
EMPTY = f"""
CREATE OR REPLACE FUNCTION as_migrated.empty() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$ BEGIN
    LOCK TABLE {TABLES};
    IF (SELECT max(pg_relation_size(one::regclass)) FROM unnest('{{{TABLES}}}'::text[]) one) > {SMALL} THEN
        TRUNCATE {TABLES} RESTART IDENTITY;
        RETURN;
    END IF;
    {DELETED};
    PERFORM setval(oid, seqstart, false) FROM pg_class JOIN pg_sequence ON seqrelid = oid
        WHERE relnamespace = 'public'::regnamespace;
END $$
"""  # noqa: S608


async def remember(connection: AsyncConnection) -> None:
    """What has just been migrated. Once for each database; a repeat changes nothing."""
    await connection.execute(text("CREATE SCHEMA IF NOT EXISTS as_migrated"))
    await connection.execute(
        text("CREATE TABLE IF NOT EXISTS as_migrated.plans AS SELECT * FROM subscription_plans")
    )
    await connection.exec_driver_sql(EMPTY)


async def put_back(connection: AsyncConnection) -> None:
    """Tables, their numbering, plans, clock and kind of shop."""
    await connection.execute(text("SELECT as_migrated.empty()"))
    await connection.execute(text("INSERT INTO subscription_plans SELECT * FROM as_migrated.plans"))
    await connection.execute(text("UPDATE turnable_clock.shift SET value = interval '0'"))
    await connection.execute(text("INSERT INTO shop_in_force (is_test) VALUES (true)"))
