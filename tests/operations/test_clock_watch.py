"""Whatever instant a clock that was ahead has left behind, it is brought back, and what is as it should be stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.operations import clock_watch
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.webhooks.test_inbox import a_notification

WAITS = {"often": timedelta(seconds=10), "hourly": timedelta(minutes=40)}
IS_PAST = "SELECT {column} <= {clock} FROM {table}"


async def put(database: Database, sql: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(sql))


@pytest.mark.parametrize(
    ("column", "ahead"),
    [
        ("created_at", "2 minutes"),
        ("seen_at", "2 minutes"),
        ("absent_since", "2 minutes"),
        ("send_lease_until", "2 minutes"),
        ("first_sent_at", "2 minutes"),
        # A young payment is asked about every 30 seconds.
        ("next_ask_at", "2 minutes"),
        ("next_ask_at", "2 days"),
    ],
)
async def test_what_an_open_payment_waits_for_is_brought_back(
    api: MainBackend, services: Services, database: Database, column: str, ahead: str
) -> None:
    await api.buy()
    await put(database, f"UPDATE payments SET {column} = billing_now() + interval '{ahead}'")  # noqa: S608

    await clock_watch.look(services, WAITS)

    assert await value(database, IS_PAST.format(table="payments", column=column, clock="billing_now()"))


async def test_a_request_of_a_time_nobody_knows_is_not_posted_again(
    api: MainBackend, services: Services, database: Database, office: BackOffice
) -> None:
    """The provider forgets a key after 24 hours: the same request would be a second payment."""
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before", "count": 9}])
    assert (await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})).status_code == 503
    await put(database, "UPDATE payments SET first_sent_at = billing_now() + interval '2 days'")

    await clock_watch.look(services, WAITS)

    assert await value(database, "SELECT first_sent_at < billing_now() - interval '20 hours' FROM payments")


async def test_a_final_payment_is_left_as_it_is(
    api: MainBackend, services: Services, database: Database, office: BackOffice
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    await put(database, "UPDATE payments SET created_at = billing_now() + interval '2 days'")

    await clock_watch.look(services, WAITS)

    assert await value(database, "SELECT created_at > billing_now() FROM payments")


async def test_what_is_as_it_should_be_stays_and_nobody_is_told(
    api: MainBackend, services: Services, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await api.buy()
    await api.notify(a_notification("30f5d918-000f-5000-8000-18db351245c7"))
    await put(
        database,
        "INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run) VALUES "
        "('*', 'often', now() + interval '10 seconds'), ('*', 'hourly', now() + interval '40 minutes')",
    )
    before = [await rows(database, f"SELECT * FROM {table}") for table in TABLES]  # noqa: S608

    await clock_watch.look(services, WAITS)

    assert [await rows(database, f"SELECT * FROM {table}") for table in TABLES] == before  # noqa: S608
    assert "clock_skew" not in capsys.readouterr().out


async def test_jobs_schedules_and_notifications_are_brought_back_with_an_alarm_that_names_the_jump(
    api: MainBackend, services: Services, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    await api.notify(a_notification("30f5d918-000f-5000-8000-18db351245c7"))
    await put(
        database,
        "UPDATE pgqueuer SET execute_after = now() + interval '2 days', heartbeat = now() + interval '2 days'",
    )
    await put(database, "UPDATE webhook_logs SET created_at = billing_now() + interval '2 days'")
    await put(
        database,
        "INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run, heartbeat) "
        "VALUES ('*', 'often', now() + interval '2 minutes', now() + interval '2 days')",
    )

    await clock_watch.look(services, WAITS)

    for table, column in (
        ("pgqueuer", "execute_after"),
        ("pgqueuer", "heartbeat"),
        ("pgqueuer_schedules", "next_run"),
        ("pgqueuer_schedules", "heartbeat"),
        ("webhook_logs", "created_at"),
    ):
        assert await value(database, IS_PAST.format(table=table, column=column, clock="clock_timestamp()"))
    [alarm] = [line for line in capsys.readouterr().out.splitlines() if "clock_skew" in line]
    assert "found=3" in alarm
    assert "ahead_seconds=1727" in alarm or "ahead_seconds=1728" in alarm


TABLES = ("payments", "pgqueuer", "pgqueuer_schedules", "webhook_logs")


async def test_it_looks_again_and_again(api: MainBackend, services: Services, database: Database) -> None:
    await api.buy()
    async with clock_watch.watching(services, lambda: WAITS, every_seconds=0.05):
        for _ in range(2):
            await put(database, "UPDATE payments SET next_ask_at = billing_now() + interval '2 days'")
            async with asyncio.timeout(10):
                while not await value(database, "SELECT next_ask_at <= billing_now() FROM payments"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)


async def test_a_dead_link_is_not_handed_out_because_a_clock_was_ahead(
    api: MainBackend, services: Services, clock: Clock
) -> None:
    await clock.advance(days=2)
    dead = await api.buy()
    await clock.advance(days=-2)

    fresh = await api.buy()

    assert fresh["payment_id"] != dead["payment_id"]
    await clock_watch.look(services, WAITS)
    assert (await api.buy(user=USER))["payment_id"] in {fresh["payment_id"], dead["payment_id"]}


async def test_a_period_found_late_begins_at_its_settling_and_stays_there(
    api: MainBackend, services: Services, database: Database, office: BackOffice, clock: Clock
) -> None:
    bought = await api.buy()
    await office.call("POST", f"/payments/{bought['yookassa_payment_id']}/pay", {})
    await clock.advance(hours=20)
    await work_off(services)
    before = await rows(database, "SELECT span FROM subscription_periods")

    await clock_watch.look(services, WAITS)
    await clock_watch.give_back_lost_time(services)

    assert len(before) == 1
    assert await rows(database, "SELECT span FROM subscription_periods") == before
