"""Nothing grows without end: what is old goes, in bites, table by table, and no table is forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from annotated_types import Ge
from structlog.testing import capture_logs

from billing_service.config import Settings
from billing_service.events.retries import GIVE_UP_AFTER, LONGEST_PAUSE
from billing_service.kit.db import Database
from billing_service.observability.metrics import REGISTRY
from billing_service.operations.retention import BITE, forget_old
from billing_service.services import Services
from tests.ledger import rows, value
from tests.scratch import execute
from tests.stage import BackOffice, Clock, MainBackend, work_off

NOTIFICATIONS = """
    INSERT INTO webhook_logs
        (event_id, event_type, payment_id, trace_id, client_ip, raw_payload, status, created_at)
    SELECT status || n, 'payment.canceled', n::text, '', '127.0.0.1', '{{}}', status, billing_now() - interval '{age}'
    FROM generate_series(1, {each}) n, unnest(ARRAY[{statuses}]) status
"""
EVERY_STATUS = ("RECEIVED", "UNMATCHED", "SUCCESS", "FAILED", "FOREIGN", "GIVEN_UP", "CLOSED")
FAILED_JOBS = """
    INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint)
    SELECT now() - interval '{age}', n, 'exception', 0, 'payment.ask' FROM generate_series(1, {each}) n
"""
STATISTICS = """
    INSERT INTO pgqueuer_statistics (created, count, priority, status, entrypoint)
    SELECT now() - interval '{age}', 1, n, 'successful', 'payment.ask' FROM generate_series(1, {each}) n
"""
ALARMS = """
    INSERT INTO alarms (kind, subject, facts, first_at, changed_at, last_at)
    SELECT 'unmatched_object', '{age}' || n, '{{}}', billing_now() - interval '1 year',
           billing_now() - interval '1 year', billing_now() - interval '{age}'
    FROM generate_series(1, {each}) n
"""


EVENTS = """
    INSERT INTO outbox_events (kind, user_id, data, state, once, occurred_at)
    SELECT 'subscription.ended', {user}, '{{}}', CASE WHEN n <> 2 THEN '{{}}'::jsonb END, '{user}:' || n,
           billing_now() - interval '{age}'
    FROM generate_series(1, 3) n
"""


async def notifications(
    services: Services, age: str, each: int = 1, statuses: tuple[str, ...] = EVERY_STATUS
) -> None:
    listed = ", ".join(f"'{status}'" for status in statuses)
    await execute(services.settings.database_url, NOTIFICATIONS.format(age=age, each=each, statuses=listed))


async def forget(services: Services) -> dict[str, int]:
    """What one run forgot, without the tables where it was nothing."""
    forgotten = await forget_old(services, asyncio.Event())
    return {table: count for table, count in forgotten.items() if count}


async def test_a_notification_is_forgotten_after_180_days_unless_it_is_still_looked_at(
    services: Services, database: Database
) -> None:
    await notifications(services, "179 days 23 hours", statuses=("SUCCESS",))
    before = await forget(services)
    await execute(services.settings.database_url, "DELETE FROM webhook_logs")
    await notifications(services, "180 days 1 hour")

    assert (before, await forget(services)) == ({}, {"webhook_logs": 5})
    left = await rows(database, "SELECT status FROM webhook_logs ORDER BY status")
    assert [row["status"] for row in left] == ["RECEIVED", "UNMATCHED"]


async def test_the_days_can_be_set(services: Services, database: Database) -> None:
    shorter = services.settings.model_copy(update={"retention_webhook_logs_days": 30})
    await notifications(services, "31 days", statuses=("SUCCESS",))

    forgotten = await forget_old(replace(services, settings=shorter), asyncio.Event())

    assert forgotten["webhook_logs"] == 1
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_the_queues_log_and_statistics_are_forgotten_after_a_week_by_their_own_clock(
    services: Services, clock: Clock
) -> None:
    url = services.settings.database_url
    await clock.advance(days=30)
    for statement in (FAILED_JOBS, STATISTICS):
        await execute(url, statement.format(age="6 days", each=2))
        await execute(url, statement.format(age="8 days", each=3))

    assert await forget(services) == {"pgqueuer_log": 3, "pgqueuer_statistics": 3}
    await execute(url, "DELETE FROM pgqueuer_statistics")


async def test_an_alarm_that_was_not_met_for_180_days_is_forgotten_however_old_it_is(
    services: Services, database: Database
) -> None:
    for age in ("181 days", "179 days"):
        await execute(services.settings.database_url, ALARMS.format(age=age, each=1))

    assert await forget(services) == {"alarms": 1}
    assert await value(database, "SELECT subject FROM alarms") == "179 days1"


async def test_events_are_kept_for_400_days_and_the_newest_state_of_each_user_for_good(
    services: Services, database: Database
) -> None:
    url = services.settings.database_url
    await execute(url, EVENTS.format(age="399 days", user=8))
    await execute(url, "SELECT publish_events(100)")
    young = await forget(services)
    await execute(url, EVENTS.format(age="401 days", user=7))
    await execute(url, "SELECT publish_events(2)")

    # What is not in the feed yet stays; of the two that are, one says how the user stands.
    unpublished = await forget(services)
    await execute(url, "SELECT publish_events(100)")

    assert (young, unpublished, await forget(services)) == ({}, {"outbox_events": 1}, {"outbox_events": 1})
    left = await rows(database, "SELECT once FROM outbox_events WHERE user_id = 7")
    assert [one["once"] for one in left] == ["7:3"]


def test_no_event_can_be_forgotten_while_it_is_still_tried() -> None:
    least = next(
        int(str(bound.ge))
        for bound in Settings.model_fields["events_kept_days"].metadata
        if isinstance(bound, Ge)
    )

    assert timedelta(days=least) > GIVE_UP_AFTER + LONGEST_PAUSE


async def test_more_than_a_bite_goes_too_and_is_counted_by_table(
    services: Services, database: Database
) -> None:
    def counted(table: str) -> float:
        return REGISTRY.get_sample_value("billing_rows_forgotten_total", {"table": table}) or 0

    await notifications(services, "200 days", each=2 * BITE + 1, statuses=("SUCCESS",))
    await execute(services.settings.database_url, FAILED_JOBS.format(age="8 days", each=BITE))
    before = counted("webhook_logs"), counted("pgqueuer_log")

    with capture_logs() as lines:
        forgotten = await forget(services), await forget(services)

    assert forgotten == ({"webhook_logs": 2 * BITE + 1, "pgqueuer_log": BITE}, {})
    assert (counted("webhook_logs"), counted("pgqueuer_log")) == (before[0] + 2 * BITE + 1, before[1] + BITE)
    assert [(line["event"], line["webhook_logs"]) for line in lines] == [("retention.forgot", 2 * BITE + 1)]
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_a_stopping_worker_forgets_no_further_bite(services: Services, database: Database) -> None:
    await notifications(services, "200 days", statuses=("SUCCESS",))
    stopping = asyncio.Event()
    stopping.set()

    forgotten = await forget_old(services, stopping)

    assert set(forgotten.values()) == {0}
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 1


async def test_what_somebody_holds_is_left_to_the_next_run_and_holds_up_nobody(
    services: Services, database: Database
) -> None:
    await notifications(services, "200 days", statuses=("SUCCESS", "FAILED"))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SELECT FROM webhook_logs WHERE status = 'FAILED' FOR UPDATE")
        first = await asyncio.wait_for(forget(services), 5)

    assert (first, await forget(services)) == ({"webhook_logs": 1}, {"webhook_logs": 1})


async def test_a_bite_reads_only_what_is_old(services: Services, database: Database) -> None:
    """However large the table: its rows are found by an index on their age."""
    await notifications(services, "10 days", each=3000, statuses=("SUCCESS",))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ANALYZE webhook_logs")
        found = await connection.exec_driver_sql(
            "EXPLAIN SELECT ctid FROM webhook_logs WHERE created_at < billing_now() - interval '180 days' "
            "AND status NOT IN ('RECEIVED', 'UNMATCHED') ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED"
        )
        plan = "\n".join(row[0] for row in found)

    assert "ix_webhook_logs_created_at" in plan


async def test_of_the_queues_steps_only_failures_are_written(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    after_a_purchase = await value(database, "SELECT count(*) FROM pgqueuer_log")
    await execute(services.settings.database_url, FAILED_JOBS.format(age="1 minute", each=1))

    assert after_a_purchase == 0
    assert await value(database, "SELECT count(*) FROM pgqueuer_log") == 1
