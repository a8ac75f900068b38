"""The daily audit reads what has changed, found by indexes, and no whole table that grows with history."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import asyncpg
from benchmarks.audit_growth import SHOP, grow

from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.operations.daily_audit import audit
from billing_service.services import Services
from tests.scratch import execute, migrated_database

PAYMENTS, NEW = 12_000, 30
GROWING = (
    *("payments", "refunds", "subscription_periods", "subscriptions", "outbox_events", "webhook_logs"),
    *("daily_usage", "daily_feature_usage", "usage_operations"),
)
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
READ_WHOLE = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1)"
EMPTY_IN_HISTORY = """
INSERT INTO daily_feature_usage (user_id, date, feature, used) SELECT user_id, date, 'ai_chat', 1 FROM daily_usage;
INSERT INTO usage_operations (operation_id, user_id, date, photos, state)
SELECT user_id || ' ' || date, user_id, date, 1, 'counted' FROM daily_usage;
ANALYZE daily_feature_usage, usage_operations
"""


async def times_read_whole(database_url: str) -> Mapping[str, int]:
    """So far, table by table; a connection tells the server when it ends."""
    connection = await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(20):
            while await connection.fetchval(OTHERS):  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.05)
        return dict(await connection.fetch(READ_WHOLE, GROWING))
    finally:
        await connection.close()


async def test_no_statement_reads_a_whole_table_that_grows(services: Services) -> None:
    # The history is a live shop's.
    live = services.settings.model_copy(update={"yookassa_mode": "prod", "yookassa_shop_id_prod": SHOP})
    async with migrated_database(services.settings.database_url) as url:
        await asyncio.to_thread(grow, url, PAYMENTS, new=NEW, refunded=1)
        await execute(url, EMPTY_IN_HISTORY)
        before = await times_read_whole(url)
        db, statements = Database(url, pool_size=2), StatementPool(url, pool_size=2)
        report = await audit(
            replace(services, settings=live, db=db, statements=statements),
            day=None,
            is_full=False,
            tell=lambda _: None,
        )
        await statements.close()
        await db.close()
        after = await times_read_whole(url)

    assert report.examined == NEW
    assert before.keys() == set(GROWING)
    assert {table: after[table] - before[table] for table in GROWING if after[table] != before[table]} == {}
