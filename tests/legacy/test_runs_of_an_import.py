"""An import can be run again, rehearsed and cut off, and is refused where it must not run."""

import asyncio
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from billing_service.kit.db import Database
from billing_service.legacy.importing import AnotherImportRuns, import_all
from billing_service.legacy.source import NotTheLegacy
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value
from tests.legacy.conftest import Move
from tests.legacy.old import MONTH_ENDS, NOW, OldService, days
from tests.legacy.ours import access, content, listed, violations
from tests.stage import BackOffice, MainBackend, work_off

CUT_OFF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%FROM subscriptions%FOR UPDATE%'
"""


async def test_a_second_run_changes_nothing(
    database: Database, old: OldService, today: date, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW + days(2), ends=MONTH_ENDS, card="pm-1")
    await old.user(2, "PRO_MONTHLY", ends=NOW + days(9), is_active=False)
    paid = await old.payment(1)
    await old.refund(paid, "10.00")
    await old.payment(2, status="PENDING")
    await old.used(3, today, 2)
    await old.notification(
        "payment.canceled", {"id": "2d9b7c80-000f-5000-9000-1b2c3d4e5f60", "status": "canceled"}
    )
    await move()
    before = await content(database)

    again = await move()

    assert await content(database) == before
    assert again.users_written == 0


async def test_a_later_run_brings_what_is_new(database: Database, old: OldService, move: Move) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(2, "PRO_MONTHLY", starts=NOW - days(40), ends=NOW - days(10))
    await old.user(3)
    await old.user(4, "PRO_MONTHLY", ends=MONTH_ENDS)
    opened = await old.payment(3, status="PENDING", at=NOW - days(0.1))
    await move()
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '30 days' WHERE user_id = 1")
    await old.says(
        "UPDATE subscriptions SET start_date = $1, end_date = $2 WHERE user_id = 2",
        NOW - days(1),
        NOW + days(29),
    )
    await old.says(
        "UPDATE subscriptions SET plan_id = 3, start_date = $1, end_date = $2 WHERE user_id = 3",
        NOW - days(0.05),
        NOW + days(365),
    )
    await old.says(
        "UPDATE subscriptions SET plan_id = 1, updated_at = $1 WHERE user_id = 4", NOW - days(0.01)
    )
    await old.says(
        "UPDATE payments SET status = 'SUCCEEDED', paid_at = $2, webhook_processed_at = $2 WHERE id = $1",
        opened,
        NOW - days(0.05),
    )
    await old.payment(5)

    imported = await move()

    assert imported.proof.is_whole
    ends = await access(database)
    assert (ends[1], ends[2], ends[3]) == (MONTH_ENDS + days(30), NOW + days(29), NOW + days(365))
    assert ends[4] == NOW - days(0.01)
    assert await value(database, "SELECT count(*) FROM subscription_periods WHERE user_id = 2") == 2
    assert await rows(database, "SELECT user_id, status, imported FROM payments ORDER BY user_id") == [
        {"user_id": 3, "status": "SUCCEEDED", "imported": True},
        {"user_id": 5, "status": "SUCCEEDED", "imported": True},
    ]
    assert await violations(database) == {}


async def test_a_beginning_that_was_put_back_there_stops_no_import(
    database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(40), ends=NOW - days(10))
    await move()
    came_back = "UPDATE subscriptions SET start_date = $1, end_date = $2 WHERE user_id = 1"
    await old.says(came_back, NOW - days(1), NOW + days(29))
    await move()
    await old.says(came_back, NOW - days(50), NOW + days(35))
    await old.user(2, "PRO_MONTHLY", ends=MONTH_ENDS)

    imported = await move()

    assert imported.proof.is_whole
    assert await access(database) == {1: NOW + days(35), 2: MONTH_ENDS}
    assert await violations(database) == {}


async def test_what_was_done_here_since_is_not_undone(
    api: MainBackend, database: Database, old: OldService, office: BackOffice, services: Services, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(2)
    await move()
    bought = await api.buy(user=1)
    await office.pay(bought)
    await work_off(services)
    bought = await api.buy(user=2)
    await office.pay(bought)
    await work_off(services)
    spans = "SELECT user_id, cause, plan_code, days, span::text FROM subscription_periods ORDER BY id"
    before = await rows(database, spans)
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '3 days' WHERE user_id = 1")

    imported = await move()

    assert (await access(database))[1] == MONTH_ENDS + days(30)
    assert await rows(database, spans) == before
    assert imported.proof.is_whole
    assert (await listed(database))["lives_here"] == {"1", "2"}


async def test_a_rehearsal_leaves_nothing_behind(
    database: Database, old: OldService, move: Move, tmp_path: Path
) -> None:
    await old.user(1, "PRO_QUARTER", ends=MONTH_ENDS, card="pm-1")
    await old.payment(1, "PRO_QUARTER")
    before = await content(database)

    imported = await move(rehearse=True, report=tmp_path / "report.json")

    assert imported.proof.is_whole
    assert imported.proof.report["access"] == {"with_days_there": 1, "equal": 1, "differing": 0, "users": 1}
    assert await content(database) == before
    assert await value(database, "SELECT count(*) FROM legacy_imports") == 0
    assert (tmp_path / "report.json").read_text()


async def test_whoever_is_cut_off_is_told_to_run_it_again(
    services: Services, database: Database, old: OldService, tmp_path: Path
) -> None:
    await old.user(1)
    holder = await asyncpg.connect(services.settings.database_url)
    await holder.execute("INSERT INTO subscriptions (user_id) VALUES (1)")
    await old.payment(1)
    asked = ("legacy", "import", "--from", old.url, "--schema", old.schema)
    async with holder.transaction():
        await holder.execute("SELECT FROM subscriptions FOR UPDATE")
        importing = asyncio.create_task(command(services, tmp_path, *asked))
        async with asyncio.timeout(30):
            while not await rows(database, CUT_OFF):  # noqa: ASYNC110 (the database's doing)
                await asyncio.sleep(0.05)
        code, said = await importing
    await holder.close()

    assert code == 1
    assert said.endswith("what was written stays: run it again\n"), said
    code, said = await command(services, tmp_path, *asked, "--report", "nowhere/report.json")
    assert (code, said) == (1, "--report: there is no folder nowhere\n")


async def test_two_imports_do_not_run_at_once(services: Services, move: Move) -> None:
    holder = await asyncpg.connect(services.settings.database_url)
    await holder.execute("SELECT pg_advisory_lock(hashtext('legacy.import'))")

    with pytest.raises(AnotherImportRuns):
        await move()

    await holder.close()


async def test_another_database_is_refused_by_name(services: Services, old: OldService, move: Move) -> None:
    with pytest.raises(NotTheLegacy, match="its schema nowhere has none of the tables"):
        await move(schema="nowhere")
    await old.says("ALTER TABLE payments DROP COLUMN webhook_processed_at")
    with pytest.raises(NotTheLegacy, match=r"lacks payments\.webhook_processed_at"):
        await move()
    with pytest.raises(NotTheLegacy, match="cannot be opened"):
        await import_all(services, "postgresql://127.0.0.1:1/x", schema="public", tell=lambda _: None)


async def test_who_has_got_another_number_since_is_left_as_he_is(
    api: MainBackend, database: Database, old: OldService, move: Move
) -> None:
    """The old tables know only the old numbers, and another import would give the same days once more."""
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(2, "PRO_MONTHLY", ends=NOW + days(9))
    await old.payment(1, plan="PRO_MONTHLY", at=NOW - days(10))
    await move()
    answer = await api.internal("POST", "users/1/move-to/2/", {"author": "support", "reason": "сбой"})
    assert answer.status_code == 200, answer.text
    spans = "SELECT user_id, cause, span::text, cut::text FROM subscription_periods ORDER BY id"
    before = await rows(database, spans)
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '30 days'")
    await old.payment(1, plan="PRO_MONTHLY", at=NOW - days(1))

    await move()

    assert await rows(database, spans) == before
    assert {row["user_id"] for row in before} == {2}
    assert await rows(database, "SELECT DISTINCT user_id FROM payments") == [{"user_id": 2}]
    assert (await listed(database))["lives_here"] >= {"1", "2"}
    assert await violations(database) == {}
