"""A day on which many begin to pay and leave: what it writes, and what is left of it when it is old."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
import structlog
from pgqueuer import AsyncpgDriver
from pgqueuer.queries import EntrypointExecutionParameter, Queries
from pgqueuer.types import QueueEntrypoint, QueueManagerId

from billing_service.kit.db import Database
from billing_service.operations.retention import forget_old
from billing_service.payments.calls import PAYMENTS
from billing_service.services import Services
from tests.ledger import rows, value
from tests.scratch import execute
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import pass_time

log = structlog.get_logger()

# A payment is asked about so often while its link lives; each question is a job of three steps.
QUESTIONS, STEPS = 70, 3
AT_ONCE = 1000
TABLES = ("payments", "webhook_logs", "pgqueuer", "pgqueuer_log", "pgqueuer_statistics")
SUBSCRIPTIONS = "INSERT INTO subscriptions (user_id) SELECT n FROM generate_series(1, $1) n"
PAYMENTS_OF_THAT_DAY = """
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status,
        shop_id, is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, next_ask_at)
    SELECT gen_random_uuid(), n, 'PRO_MONTHLY', 299, 'RUB', 30, 'EatFit24: PRO', 'PLAN', 'CANCELED', '100500',
        true, 'main', 'create-payment', repeat('f', 64), 'https://app.eatfit24.ru/subscription',
        gen_random_uuid()::text, NULL
    FROM generate_series(1, $1) n
"""
NOTIFICATIONS_OF_THAT_DAY = """
    INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload, status, processed_at)
    SELECT 'payment.canceled:' || yookassa_payment_id || ':canceled', 'payment.canceled', yookassa_payment_id,
        md5(yookassa_payment_id), '185.71.76.5', jsonb_build_object('type', 'notification', 'event', 'payment.canceled',
            'object', jsonb_build_object('id', yookassa_payment_id, 'status', 'canceled',
                'amount', jsonb_build_object('value', '299.00', 'currency', 'RUB'),
                'cancellation_details', jsonb_build_object('party', 'yoo_money', 'reason', 'expired_on_confirmation'))),
        'SUCCESS', billing_now()
    FROM payments
"""
# What the release before this one wrote about the same day.
LOG_OF_THAT_DAY = """
    INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint, aggregated)
    SELECT now() - interval '8 days', n, (ARRAY['queued', 'picked', 'successful'])[n % 3 + 1]::pgqueuer_status, 0,
        'payment.ask', true
    FROM generate_series(1, $1) n
"""


@pytest.fixture
async def connection(services: Services, database: Database) -> AsyncIterator[asyncpg.Connection]:
    await execute(services.settings.database_url, "TRUNCATE pgqueuer_statistics")
    connection = await asyncpg.connect(services.settings.database_url)
    yield connection
    await connection.close()
    assert await value(
        database, "SELECT tgenabled = 'O' FROM pg_trigger WHERE tgname LIKE 'tg_pgqueuer_log%'"
    )


def many(rounds: int) -> int:
    """A hundred in every run, ten thousand with `make proofs`."""
    return rounds * rounds // 4


async def sizes(connection: asyncpg.Connection) -> Mapping[str, tuple[int, int]]:
    """Rows and bytes, indexes included, of each table; what was deleted is given back first."""
    measured = {}
    for table in TABLES:
        await connection.execute(f"VACUUM {table}")
        count = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 (our own names)
        measured[table] = (count, await connection.fetchval("SELECT pg_total_relation_size($1)", table))
    return measured


async def ask_about_all(connection: asyncpg.Connection, checkouts: int) -> None:
    """Each question as the job library writes it: enqueued, picked, done."""
    queue = Queries(AsyncpgDriver(connection))
    entrypoint = QueueEntrypoint(PAYMENTS.ask_job)
    asked = {entrypoint: EntrypointExecutionParameter(0)}
    for begin in range(0, checkouts, AT_ONCE):
        count = min(AT_ONCE, checkouts - begin)
        keys: list[str | None] = [f"{PAYMENTS.ask_job}:{begin + n}" for n in range(count)]
        await queue.enqueue([entrypoint] * count, [b"x"] * count, [0] * count, dedupe_key=keys)
        jobs = await queue.dequeue(count, asked, QueueManagerId(uuid4()), None, timedelta(minutes=1))
        await queue.log_jobs([(job, "successful", None) for job in jobs])
    # As the server does by itself, once a minute.
    await connection.execute("VACUUM pgqueuer")


async def test_an_abandoned_checkout_leaves_a_payment_a_notification_and_nothing_of_its_jobs(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await api.buy()
    for _ in range(14):
        await pass_time(clock, office, services, minutes=5)
    await office.sandbox.delivered()
    await work_off(services)

    assert await rows(database, "SELECT status FROM payments") == [{"status": "CANCELED"}]
    assert await rows(database, "SELECT status FROM webhook_logs") == [{"status": "SUCCESS"}]
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0
    assert await value(database, "SELECT count(*) FROM pgqueuer_log") == 0


@pytest.mark.slow
async def test_a_day_of_many_abandoned_checkouts_leaves_only_the_payments_behind(
    services: Services, connection: asyncpg.Connection, clock: Clock, rounds: int
) -> None:
    checkouts = many(rounds)
    await connection.execute(SUBSCRIPTIONS, checkouts)
    await connection.execute(PAYMENTS_OF_THAT_DAY, checkouts)
    await connection.execute(NOTIFICATIONS_OF_THAT_DAY)
    for _ in range(QUESTIONS):
        await ask_about_all(connection, checkouts)
    that_evening = await sizes(connection)
    await clock.advance(days=181)

    while any((await forget_old(services, asyncio.Event())).values()):
        pass

    half_a_year_later = await sizes(connection)
    log.info("day.measured", checkouts=checkouts, evening=that_evening, later=half_a_year_later)
    assert {table: count for table, (count, _) in that_evening.items() if count} == {
        "payments": checkouts,
        "webhook_logs": checkouts,
    }
    assert {table: count for table, (count, _) in half_a_year_later.items() if count} == {
        "payments": checkouts
    }
    assert half_a_year_later["webhook_logs"][1] < that_evening["webhook_logs"][1]


@pytest.mark.slow
async def test_the_log_that_an_earlier_release_left_of_such_a_day_goes_in_bites(
    services: Services, connection: asyncpg.Connection, rounds: int
) -> None:
    lines = many(rounds) * QUESTIONS * STEPS
    await connection.execute("ALTER TABLE pgqueuer_log DISABLE TRIGGER tg_pgqueuer_log_keeps_failures")
    try:
        await connection.execute(LOG_OF_THAT_DAY, lines)
    finally:
        await connection.execute("ALTER TABLE pgqueuer_log ENABLE TRIGGER tg_pgqueuer_log_keeps_failures")
    before = await sizes(connection)

    forgotten = 0
    while count := (await forget_old(services, asyncio.Event()))["pgqueuer_log"]:
        forgotten += count

    after = await sizes(connection)
    log.info("log.measured", lines=lines, before=before, after=after)
    assert forgotten == lines
    assert after["pgqueuer_log"][0] == 0
