"""The worker: what it does when a job fails, and when the database goes away under it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from pgqueuer import PgQueuer
from sqlalchemy import text

from billing_service import worker
from billing_service.dev.servers import embedded_servers
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.schema import migrate
from billing_service.services import Services
from billing_service.timetable import SCHEDULES, enqueue_schedules
from billing_service.webhooks import dispatch, inbox
from tests.ledger import rows, value
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.webhooks.test_inbox import a_notification

# A worker also puts the jobs of its schedules here.
JOBS = "SELECT status::text, attempts FROM pgqueuer WHERE entrypoint = 'webhook.look'"
WATCH_NOW = """
    INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run) VALUES ('41 * * * *', 'invariants.watch', now())
    ON CONFLICT (expression, entrypoint) DO UPDATE SET next_run = now(), status = 'queued', last_run = NULL
"""
WATCHED = "SELECT last_run IS NOT NULL FROM pgqueuer_schedules WHERE entrypoint = 'invariants.watch'"
LISTENING = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
HELD_UP = """
SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@asynccontextmanager
async def working(services: Services, **server_settings: str) -> AsyncIterator[PgQueuer]:
    """The queue at work, as long as the block lasts."""
    async with asyncpg.create_pool(
        services.settings.database_url, min_size=2, max_size=4, server_settings=server_settings
    ) as pool:
        queue = worker.queue_on(pool, services)
        running = asyncio.create_task(queue.run(dequeue_timeout=timedelta(seconds=0.05)))
        yield queue
        queue.shutdown.set()
        await running


async def until(database: Database, sql: str, expected: object) -> None:
    async with asyncio.timeout(30):
        while await value(database, sql) != expected:  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.02)


async def a_job_that_fails(api: MainBackend, database: Database, *, attempts: int = 0) -> None:
    """A look at a payment that the provider does not know."""
    await api.notify(a_notification(str(uuid4())))
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE pgqueuer SET attempts = :n"), {"n": attempts})


async def test_who_has_paid_does_not_wait_behind_questions_about_those_who_have_not(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """Sixty questions are due before the notification comes, and the provider takes its time over every answer."""
    for user in range(1, 61):
        await api.buy(user=user)
    bought = await api.buy(user=100)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET next_ask_at = billing_now() WHERE user_id < 100"))
    await enqueue_due(services, PAYMENTS)
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "slow", "seconds": 0.5}])
    await office.pay(bought)

    async with working(services):
        await until(database, "SELECT status FROM payments WHERE user_id = 100", "SUCCEEDED")
        requests = (await office.call("GET", "/requests?limit=1000"))["results"]
        still_open = await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'payment.ask'")

    asked_before = [one for one in requests if one["operation"] == "get_payment"]
    assert len(asked_before) <= 2 * worker.QUESTIONS_AT_ONCE + 1
    assert still_open >= 60 - 2 * worker.QUESTIONS_AT_ONCE


@pytest.mark.parametrize("attempts", [0, 6, 47, 1023, 1439])
async def test_a_job_that_fails_is_tried_again_however_often_it_failed_this_day(
    api: MainBackend, services: Services, database: Database, attempts: int
) -> None:
    await a_job_that_fails(api, database, attempts=attempts)

    async with working(services):
        await until(database, "SELECT attempts FROM pgqueuer WHERE entrypoint = 'webhook.look'", attempts + 1)

    assert (
        await value(database, "SELECT status::text FROM pgqueuer WHERE entrypoint = 'webhook.look'")
        == "queued"
    )
    assert await value(
        database,
        "SELECT execute_after <= now() + interval '1 minute' FROM pgqueuer WHERE entrypoint = 'webhook.look'",
    )


async def test_after_a_day_a_job_is_given_up_with_an_alarm_and_its_notification_is_put_aside(
    api: MainBackend, services: Services, database: Database, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    await a_job_that_fails(api, database, attempts=1440)
    await clock.advance(hours=25)

    async with working(services):
        await until(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'", 0)
    await dispatch.give_up_overdue(services)

    (alarm,) = [line for line in capsys.readouterr().out.splitlines() if "job_given_up" in line]
    (log,) = await rows(database, "SELECT id, status FROM webhook_logs")
    assert f"about={log['id']}" in alarm
    assert log["status"] == "GIVEN_UP"


async def test_once_an_hour_rows_that_must_not_exist_raise_an_alarm(
    api: MainBackend, services: Services, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    bought = await api.buy()
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET next_ask_at = NULL"))
        await connection.execute(text(WATCH_NOW))

    async with working(services):
        await until(database, WATCHED, True)

    (alarm,) = [line for line in capsys.readouterr().out.splitlines() if "invariant_broken" in line]
    assert "every open payment will be asked about" in alarm
    assert bought["payment_id"] in alarm


async def test_what_comes_round_by_the_clock_can_be_let_run_at_once(
    api: MainBackend, services: Services, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await api.buy()
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET next_ask_at = NULL"))
    async with services.statements.transaction() as tx:
        await enqueue_schedules(tx)

    await work_off(services)

    assert "invariant_broken" in capsys.readouterr().out
    assert await value(database, "SELECT count(*) FROM list_walks") == 2
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0


async def test_a_run_that_began_before_the_clock_was_turned_is_no_reason_to_skip_the_next(
    services: Services, database: Database
) -> None:
    async with services.statements.transaction() as tx:
        await enqueue_schedules(tx)
        await enqueue_schedules(tx)

    assert await value(database, "SELECT count(*) FROM pgqueuer") == 2 * len(SCHEDULES)
    await work_off(services)


async def test_a_retry_that_could_not_be_written_down_leaves_the_job_to_come_again(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await a_job_that_fails(api, database)
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "slow", "seconds": 1}])

    async with working(services, statement_timeout="500ms"):
        await until(database, "SELECT status::text FROM pgqueuer WHERE entrypoint = 'webhook.look'", "picked")
        async with database.engine.begin() as connection:
            await connection.execute(
                text("SELECT FROM pgqueuer WHERE entrypoint = 'webhook.look' FOR UPDATE")
            )
            await until(database, HELD_UP, True)
            await asyncio.sleep(1.2)
        await asyncio.sleep(0.5)

        assert await rows(database, JOBS) == [{"status": "picked", "attempts": 0}]


async def test_a_worker_whose_listening_connection_alone_is_lost_listens_again(services: Services) -> None:
    end_it = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    async with working(services):
        await until(services.db, LISTENING, expected=True)
        assert await value(services.db, end_it) == 1

        await until(services.db, LISTENING, expected=True)


async def test_a_database_that_went_away_is_waited_for(services: Services, tmp_path: Path) -> None:
    with embedded_servers(tmp_path, throwaway=True) as servers:
        await asyncio.to_thread(migrate.upgrade, servers.database_url)
        settings = services.settings.model_copy(update={"database_url": servers.database_url})
        own = Database(servers.database_url, pool_size=2)
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run_until(settings, stop))
        await until(own, LISTENING, True)

        servers.postgres.stop()
        await asyncio.sleep(1.5)
        servers.postgres.start()
        await own.engine.dispose()
        told = a_notification(str(uuid4()))
        statements = StatementPool(servers.database_url, pool_size=2)
        await inbox.take_in(
            replace(services, statements=statements), told, client_ip="127.0.0.1", trace_id="after"
        )
        await statements.close()

        await until(own, "SELECT status::text FROM pgqueuer WHERE entrypoint = 'webhook.look'", "picked")
        stop.set()
        await asyncio.wait_for(running, 20)
        await own.close()
