"""`python -m benchmarks.audit_growth`: does the daily audit grow with history? The same new business on several.

What is measured is what asks our own database: the rules over whoever has changed, and the figures of the day; what
asks YooKassa depends on the day alone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
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
from billing_service.operations.invariants import find_violations_among
from billing_service.schema import migrate

SHOP, NEW, WARM_UP = "500500", 500, 3
# Three years of paid months, three for each user; as the newest of them those of yesterday, of users from everywhere.
# With each its event and its notification; of every fiftieth a part went back. Every tenth user has used something in
# a month.
HISTORY = """
SET session_replication_role = replica;
INSERT INTO subscriptions (user_id) SELECT generate_series(1, {users});
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status, shop_id,
    is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, paid_at, created_at, period_id)
SELECT md5(n::text)::uuid, user_id, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', 'SUCCEEDED', '{shop}', false, '', '', '',
    '', md5(n::text)::uuid::text, at, at, n
FROM (
    SELECT n, 1 + n % {users} AS user_id, now() - interval '1095 days' + interval '1060 days' * n / {size} AS at
    FROM generate_series(1, {size} - {new}) n
    UNION ALL
    SELECT {size} - {new} + n, n * {users} / {new}, now() - interval '1 day' FROM generate_series(1, {new}) n
) paid;
INSERT INTO subscription_periods (id, user_id, plan_code, cause, payment_id, days, granted_at, span)
    OVERRIDING SYSTEM VALUE
SELECT period_id, user_id, plan_code, 'payment', id, 30, paid_at, tstzrange(paid_at, paid_at + interval '720 hours')
FROM payments;
INSERT INTO refunds (id, payment_id, amount, currency, made_by, access, access_cut, applied_at, reason, status, shop_id,
    is_test, yookassa_refund_id, completed_at, created_at)
SELECT id, id, 100, 'RUB', 'cabinet', 'keep', interval '0', paid_at, '', 'SUCCEEDED', '{shop}', false, id::text,
    paid_at, paid_at
FROM payments WHERE period_id % {refunded} = 0;
INSERT INTO outbox_events (kind, user_id, data, occurred_at, feed_no, user_seq)
SELECT 'payment.succeeded', user_id, '{{}}', paid_at, period_id, period_id FROM payments;
INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload, status, created_at)
SELECT yookassa_payment_id, 'payment.succeeded', id::text, '', '127.0.0.1', '{{}}', 'SUCCESS', paid_at
FROM payments WHERE paid_at > now() - interval '180 days';
INSERT INTO daily_usage (user_id, date, photo_ai_requests)
SELECT user_id, now()::date - 10 - day, 1 FROM subscriptions, generate_series(0, 29) day WHERE user_id % 10 = 1;
INSERT INTO daily_audits (day, is_full, feed_no, started_at, report)
VALUES (now()::date - 2, false, {size} - {new}, now(), '{{"findings": {{}}}}');
INSERT INTO event_feed (last_no) VALUES ({size}) ON CONFLICT (singleton) DO UPDATE SET last_no = {size};
SET session_replication_role = origin;
"""


def main(
    size: Annotated[list[int] | None, typer.Option(help="Payments of a history; repeatable.")] = None,
    rounds: Annotated[int, typer.Option(min=3, help="How many audits the medians are of.")] = 31,
) -> None:
    """Measure the daily pass on histories of different sizes, in turn, with the same number of new payments."""
    sizes = size or [10_000, 100_000, 1_000_000]
    with (
        TemporaryDirectory(prefix="billing-benchmark-") as folder,
        embedded_servers(Path(folder) / "data", throwaway=True) as servers,
        ExitStack() as stack,
    ):
        addresses = [stack.enter_context(_history(servers.database_url, one)) for one in sizes]
        medians = asyncio.run(_medians(addresses, rounds))
    for one, seconds in zip(sizes, medians, strict=True):
        typer.echo(
            f"{one:>10} payments: {seconds * 1000:4.0f} ms, {seconds / medians[0]:.2f} times the first"
        )


@contextmanager
def _history(server: str, size: int) -> Iterator[str]:
    typer.echo(f"making a history of {size} payments, {NEW} of them new")
    with database_on(server) as database_url:
        migrate.upgrade(database_url)
        grow(database_url, size)
        yield database_url


def grow(database_url: str, size: int, *, new: int = NEW, refunded: int = 50) -> None:
    """Fill a migrated, empty database with so many payments, `new` of them of yesterday, every so many `refunded`."""
    history = HISTORY.format(size=size, users=size // 3, new=new, refunded=refunded, shop=SHOP)
    execute(database_url, history)
    execute(database_url, "VACUUM ANALYZE")


async def _medians(addresses: Sequence[str], rounds: int) -> Sequence[float]:
    """All in each round, so that a busy moment of the machine meets each; the first rounds only warm up."""
    taken: list[list[float]] = [[] for _ in addresses]
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(_opened(address)) for address in addresses]
        for _ in range(WARM_UP + rounds):
            for passes, (db, statements) in zip(taken, opened, strict=True):
                began = time.perf_counter()
                examined = await _pass(db, statements)
                passes.append(time.perf_counter() - began)
                assert examined == NEW, examined  # noqa: S101 (else something else was measured)
    return [median(passes[WARM_UP:]) for passes in taken]


@asynccontextmanager
async def _opened(database_url: str) -> AsyncIterator[tuple[Database, StatementPool]]:
    db, statements = Database(database_url, pool_size=2), StatementPool(database_url, pool_size=2)
    yield db, statements
    await statements.close()
    await db.close()


async def _pass(db: Database, statements: StatementPool) -> int:
    async with statements.transaction() as tx:
        changed = await queries.list_changed(tx, await queries.get_reach(tx))
        day = await queries.get_day(tx, await queries.get_yesterday(tx, "UTC"), "UTC")
        assert day is not None  # noqa: S101 (yesterday is over)
        await queries.get_days_given(tx, day, shop_id=SHOP, is_test=False)
        await queries.list_payments_of(tx, day.begins, day.ends, shop_id=SHOP, is_test=False)
        await queries.list_refunds_of(tx, day.begins, day.ends, shop_id=SHOP, is_test=False)
    async with db.engine.connect() as connection:
        assert await find_violations_among(connection, changed) == {}  # noqa: S101
    return len(changed)


if __name__ == "__main__":
    typer.run(main)
