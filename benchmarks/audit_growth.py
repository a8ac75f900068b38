"""`python -m benchmarks.audit_growth`: does the daily audit grow with history? The same new business on two histories.

What is measured is what asks our own database: the rules over whoever has changed, and the figures of the day; what
asks YooKassa depends on the day alone.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.databases import database_on, execute
from billing_service.daily_audits import queries
from billing_service.dev.servers import embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.operations.invariants import INVARIANTS, find_violations
from billing_service.schema import migrate

SHOP, NEW = "500500", 500
# Paid months of as many users, a year ago; and as the newest of them those of yesterday, each with its event.
HISTORY = """
SET session_replication_role = replica;
INSERT INTO subscriptions (user_id) SELECT generate_series(1, {size});
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status, shop_id,
    is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, paid_at, created_at, period_id)
SELECT md5(n::text)::uuid, n, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', 'SUCCEEDED', '{shop}', false, '', '', '', '',
    md5(n::text)::uuid::text, at, at, n
FROM generate_series(1, {size}) n
CROSS JOIN LATERAL (SELECT now() - CASE WHEN n <= {new} THEN interval '1 day' ELSE interval '400 days' END AS at) paid;
INSERT INTO subscription_periods (id, user_id, plan_code, cause, payment_id, days, granted_at, span)
    OVERRIDING SYSTEM VALUE
SELECT period_id, user_id, plan_code, 'payment', id, 30, paid_at, tstzrange(paid_at, paid_at + interval '720 hours')
FROM payments;
INSERT INTO outbox_events (kind, user_id, data, occurred_at, feed_no, user_seq)
SELECT 'payment.succeeded', user_id, '{{}}', paid_at, {size} - user_id + 1, 1 FROM payments;
INSERT INTO daily_audits (day, is_full, feed_no, started_at, report)
VALUES (now()::date - 2, false, {size} - {new}, now(), '{{"findings": {{}}}}');
INSERT INTO event_feed (last_no) VALUES ({size}) ON CONFLICT (singleton) DO UPDATE SET last_no = {size};
SET session_replication_role = origin;
ANALYZE
"""


def main(
    small: Annotated[int, typer.Option(min=NEW, help="Payments of the smaller history.")] = 10_000,
    large: Annotated[int, typer.Option(min=NEW, help="Payments of the larger one.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How many audits the medians are of.")] = 5,
) -> None:
    """Measure the daily pass on a small and on a large history, with the same number of new payments."""
    with (
        TemporaryDirectory(prefix="billing-benchmark-") as folder,
        embedded_servers(Path(folder) / "data", throwaway=True) as servers,
    ):
        taken = [_measure(servers.database_url, size, rounds) for size in (small, large)]
    typer.echo(
        f"on {large} payments the daily pass takes {taken[1] / taken[0]:.2f} times what it takes on {small}"
    )


def _measure(server: str, size: int, rounds: int) -> float:
    typer.echo(f"making a history of {size} payments, {NEW} of them new")
    with database_on(server) as database_url:
        migrate.upgrade(database_url)
        execute(database_url, HISTORY.format(size=size, new=NEW, shop=SHOP))
        seconds = median(asyncio.run(_passes(database_url, rounds)))
    typer.echo(f"{size} payments: {seconds * 1000:.0f} ms")
    return seconds


async def _passes(database_url: str, rounds: int) -> list[float]:
    db, statements = Database(database_url, pool_size=2), StatementPool(database_url, pool_size=2)
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        examined = await _pass(db, statements)
        taken.append(time.perf_counter() - began)
        assert examined == NEW, examined  # noqa: S101 (else something else was measured)
    await statements.close()
    await db.close()
    return taken


async def _pass(db: Database, statements: StatementPool) -> int:
    async with statements.transaction() as tx:
        changed = await queries.list_changed(tx, await queries.get_reach(tx))
        day = await queries.get_day(tx, await queries.get_yesterday(tx, "UTC"), "UTC")
        assert day is not None  # noqa: S101 (yesterday is over)
        await queries.get_days_given(tx, day, shop_id=SHOP, is_test=False)
        await queries.list_payments_of(tx, day.begins, day.ends, shop_id=SHOP, is_test=False)
        await queries.list_refunds_of(tx, day.begins, day.ends, shop_id=SHOP, is_test=False)
    for rule in INVARIANTS:
        async with db.engine.connect() as connection:
            await find_violations(connection, rule, among=changed)
    return len(changed)


if __name__ == "__main__":
    typer.run(main)
