"""Moving in: everybody keeps what he had, to the instant and to the kopeck, however often it is done."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.legacy.importing import AnotherImportRuns, import_all
from billing_service.legacy.source import NotTheLegacy
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.services import Services
from tests.command import command
from tests.ledger import everything, rows, value
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import NOW, OldService, days
from tests.legacy.ours import access, content, listed, money, report_of, violations
from tests.payment_methods.cards import refuse, shown
from tests.stage import BackOffice, MainBackend, work_off

MONTH_ENDS = NOW + days(20) + timedelta(microseconds=7)


async def test_access_ends_at_the_same_instant_and_free_is_no_access(
    api: MainBackend, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1)
    await old.user(2, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(3, "PRO_YEARLY", starts=NOW - days(400), ends=NOW - days(35))
    await old.user(4, "TEST_LIVE", ends=NOW + days(3))
    await old.user(
        5,
        "PRO_QUARTER",
        starts=NOW + days(1),
        ends=NOW
        + days(
            30,
        ),
    )
    await old.user(6, "PRO_MONTHLY", ends=NOW + days(9), is_active=False)
    await old.user(7, "PRO_MONTHLY", starts=NOW - days(5), ends=NOW - days(6))

    imported = await move()

    assert imported.proof.is_whole
    ends = await access(database)
    assert {user: ends.get(user) for user in (1, 2, 3, 4, 5)} == {
        1: None,
        2: MONTH_ENDS,
        3: NOW - days(35),
        4: NOW + days(3),
        5: NOW + days(30),
    }
    shown_now = [(await api.me(user))["plan_code"] for user in range(1, 8)]
    assert shown_now == ["FREE", "PRO_MONTHLY", "FREE", "TEST_LIVE", "PRO_QUARTER", "FREE", "FREE"]
    differences = await listed(database)
    assert (differences["switched_off"], differences["end_before_start"]) == ({"6"}, {"7"})
    assert await violations(database) == {}


async def test_money_is_the_same_to_the_kopeck_and_refunds_take_nothing_twice(
    database: Database, old: OldService, move: Move, tmp_path: Path
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.payment(1, amount="298.99")
    whole = await old.payment(2, status="REFUNDED")
    await old.refund(whole, "299.00")
    part = await old.payment(3, "PRO_YEARLY", status="REFUNDED")
    await old.refund(part, "100.01")
    by_hand = await old.payment(4, status="REFUNDED")
    odd = await old.payment(5, status="SUCCEEDED", amount="0.00")

    imported = await move(report=tmp_path / "report.json")

    assert await money(database) == {
        "PRO_MONTHLY": (3, Decimal("896.99")),
        "PRO_YEARLY": (1, Decimal("2490.00")),
    }
    returned = await value(database, "SELECT sum(amount) FROM refunds WHERE status = 'SUCCEEDED'")
    assert returned == Decimal("399.01")
    assert imported.proof.is_whole
    differences = await listed(database)
    assert differences["partly_refunded"] == {str(part)}
    assert differences["refunded_without_refund"] == {str(by_hand)}
    assert differences["amount_unusable"] == {str(odd)}
    head, lines = report_of(tmp_path / "report.json")
    assert head["paid"]["PRO_MONTHLY"]["there"] == {"number": 4, "amount": "896.99"}
    assert head["paid"]["PRO_MONTHLY"]["here"] == {"number": 3, "amount": "896.99"}
    assert {(line["kind"], line["subject"]) for line in lines} >= {("partly_refunded", str(part))}
    assert await value(database, "SELECT report -> 'whole' FROM legacy_imports") is True
    assert head["source"] == await value(database, "SELECT source FROM legacy_imports")
    assert "@" not in head["source"]
    assert await violations(database) == {}


async def test_who_asks_what_becomes_of_money_that_came_with_the_move_is_shown_what_happens(
    database: Database,
    old: OldService,
    move: Move,
    api: MainBackend,
    at_the_provider: AtTheProvider,
) -> None:
    await old.user(7, "PRO_MONTHLY", starts=NOW - days(3), ends=NOW + days(27))
    paid = await old.payment(7, yookassa_payment_id=await at_the_provider(7), at=NOW - days(3))
    await move()

    shown = (await api.get(f"payments/{paid}/refund-request/", 7)).json()
    await api.refund({"payment_id": str(paid)})

    cut = await value(database, "SELECT extract(epoch FROM access_cut) FROM refunds")
    assert (shown["access"], cut > 20 * 86_400) == ("cut_all", True)
    assert abs(shown["access_seconds_taken"] - cut) < 60


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


async def test_money_that_comes_after_all_gives_its_days(
    database: Database, old: OldService, office: BackOffice, services: Services, api: MainBackend, move: Move
) -> None:
    at_the_provider = [await api.buy(user=user) for user in (1, 2, 3)]
    await office.pay(at_the_provider[0])
    await office.pay(at_the_provider[1])
    await office.decline(at_the_provider[2], "expired_on_confirmation")
    await work_off(services)
    await database_emptied(database)
    opened, canceled, never = [
        await old.payment(
            user, status=status, yookassa_payment_id=made["yookassa_payment_id"], at=NOW - days(0.01)
        )
        for user, status, made in zip(
            (1, 2, 3), ("PENDING", "CANCELED", "CANCELED"), at_the_provider, strict=True
        )
    ]
    await old.payment(
        4,
        status="CANCELED",
        webhook_processed_at=NOW - days(1),
        error_message="Cancellation reason: general_decline",
    )

    await move()

    assert (await listed(database))["asked_anew"] == {str(opened), str(canceled), str(never)}
    for payment in (opened, canceled, never):
        await ask(services, PAYMENTS, payment)
    assert await rows(
        database,
        "SELECT p.user_id, p.status, p.imported, p.cancellation_reason AS reason, s.days FROM payments p "
        "LEFT JOIN subscription_periods s ON s.payment_id = p.id ORDER BY 1",
    ) == [
        {"user_id": 1, "status": "SUCCEEDED", "imported": False, "reason": None, "days": 30},
        {"user_id": 2, "status": "SUCCEEDED", "imported": False, "reason": None, "days": 30},
        {
            "user_id": 3,
            "status": "CANCELED",
            "imported": False,
            "reason": "expired_on_confirmation",
            "days": None,
        },
        {"user_id": 4, "status": "CANCELED", "imported": False, "reason": "general_decline", "days": None},
    ]
    assert await violations(database) == {}


async def test_a_card_comes_switched_off_until_its_owner_agrees(
    services: Services, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="2d9b7c80-000f-5001-9000-1b2c3d4e5f60")

    await move()

    renewing = services.settings.model_copy(update={"billing_recurring_enabled": True})
    async with MainBackend.calling(create_app(renewing, replace(services, settings=renewing))) as api:
        attached = await shown(api, 1)
        assert (attached["is_attached"], attached["card_mask"]) == (True, "•••• 4477")
        refused = await api.post("subscription/autorenew/", {"enabled": True}, 1)
        assert refused.json()["error"]["code"] == "CONSENT_REQUIRED"
        await api.post("consents/", {"plan_code": "PRO_MONTHLY", "document_version": "2026-11"}, 1)
        agreed = await api.post("subscription/autorenew/", {"enabled": True}, 1)
        assert agreed.json()["autorenew_enabled"] is True
    assert "2d9b7c80-000f-5001-9000-1b2c3d4e5f60" not in await everything(database)


async def test_the_timeline_says_what_came_and_that_the_card_is_switched_off(
    api: MainBackend, old: OldService, move: Move
) -> None:
    ends = datetime(NOW.year + 1, 3, 7, 12, tzinfo=UTC)
    await old.user(1, "PRO_MONTHLY", starts=datetime(2026, 3, 1, 12, tzinfo=UTC), ends=ends, card="pm-1")

    await move()

    told = (await api.internal("GET", "users/1/timeline")).json()["results"]
    assert [one["text"].split(" ", 2)[2] for one in told] == [
        "из прежней системы перенесён способ оплаты •••• 4477: без нового согласия списаний по нему не будет.",
        f"начался доступ, перенесённый из прежней системы: PRO до 7 марта {NOW.year + 1} года.",
    ]


async def test_of_an_import_the_main_backend_is_told_once_a_user(
    database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="pm-1")
    await old.user(2)
    await old.payment(1)

    await move()
    await move()

    told = await rows(database, "SELECT kind, user_id, state FROM outbox_events")
    assert [(one["kind"], one["user_id"]) for one in told] == [("subscription.imported", 1)]
    assert told[0]["state"]["plan"] == "PRO_MONTHLY"
    assert told[0]["state"]["auto_renew"] is False


async def test_a_card_that_was_refused_here_comes_back_by_no_import(
    api: MainBackend, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="pm-old")
    await move()
    await refuse(api, 1)
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = 'pm-new'")

    await move()

    assert await rows(database, "SELECT status, sealed_id FROM payment_methods") == [
        {"status": "REFUSED", "sealed_id": None}
    ]
    with pytest.raises(Exception, match="has refused his payment methods here"):
        await rows(
            database,
            "INSERT INTO payment_methods (id, user_id, shop_id, is_test, sealed_id, id_digest, type) "
            "VALUES (gen_random_uuid(), 1, '100500', true, '', 'x', 'bank_card') RETURNING id",
        )


async def test_a_card_that_was_unlinked_there_can_be_charged_no_more(
    database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, card="pm-1")
    await old.user(2, card="pm-2")
    await move()
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = NULL WHERE user_id = 1")
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = 'pm-3' WHERE user_id = 2")

    await move()

    assert await rows(
        database, "SELECT user_id, status FROM payment_methods ORDER BY user_id, saved_at, status DESC"
    ) == [
        {"user_id": 1, "status": "ENDED"},
        {"user_id": 2, "status": "REPLACED"},
        {"user_id": 2, "status": "ACTIVE"},
    ]


async def test_of_notifications_only_what_is_no_secret_comes(
    database: Database, old: OldService, move: Move
) -> None:
    secrets = {"card": {"last4": "4477", "first6": "220220"}, "id": "pm-canary", "type": "bank_card"}
    thing = {"id": "2d9b7c80-000f-5000-9000-1b2c3d4e5f60", "status": "succeeded", "payment_method": secrets}
    await old.notification("payment.succeeded", thing | {"recipient": {"account_id": "canary"}})
    await old.notification("refund.succeeded", {"id": "rf-1", "status": "succeeded"}, status="FAILED")

    await move()

    assert await rows(
        database, "SELECT event_type, status, raw_payload, error_message FROM webhook_logs ORDER BY 1"
    ) == [
        {
            "event_type": "payment.succeeded",
            "status": "SUCCESS",
            "raw_payload": {
                "type": "notification",
                "event": "payment.succeeded",
                "object": {
                    "id": "2d9b7c80-000f-5000-9000-1b2c3d4e5f60",
                    "status": "succeeded",
                    "payment_method": {"type": "bank_card"},
                },
            },
            "error_message": None,
        },
        {
            "event_type": "refund.succeeded",
            "status": "CLOSED",
            "raw_payload": {},
            "error_message": "left as FAILED by the service before",
        },
    ]
    assert "canary" not in await everything(database)


async def test_what_was_used_today_is_used_here(
    api: MainBackend, old: OldService, today: date, move: Move
) -> None:
    await old.user(1)
    await old.used(1, today, 2)
    await old.used(1, today - timedelta(days=1), 3)
    await move()
    assert (await api.me(1))["used_today"] == 2
    await api.consume(1)

    await move()

    assert (await api.me(1))["used_today"] == 3


async def test_prices_and_limits_come_and_what_a_person_decides_here_stays(
    api: MainBackend, database: Database, old: OldService, move: Move
) -> None:
    await old.says("UPDATE subscription_plans SET price = 349, daily_photo_limit = 50 WHERE id = 2")
    await old.says("UPDATE subscription_plans SET daily_photo_limit = -1, display_name = '' WHERE id = 5")
    await move()
    changed = await api.internal(
        "PATCH", "plans/PRO_YEARLY", {"price": "1990.00", "author": "owner", "reason": "sale"}
    )
    assert changed.status_code == 200, changed.text

    await move()

    assert await rows(
        database,
        "SELECT code, price::text, daily_photo_limit AS photos, is_active, duration_days AS days "
        "FROM subscription_plans ORDER BY 1",
    ) == [
        {"code": "FREE", "price": "0.00", "photos": 3, "is_active": True, "days": 0},
        {"code": "PRO_MONTHLY", "price": "349.00", "photos": 50, "is_active": True, "days": 30},
        {"code": "PRO_QUARTER", "price": "799.00", "photos": None, "is_active": False, "days": 90},
        {"code": "PRO_YEARLY", "price": "1990.00", "photos": None, "is_active": True, "days": 365},
        {"code": "TEST_LIVE", "price": "1.00", "photos": 3, "is_active": True, "days": 1},
    ]
    assert (await listed(database))["plan_kept"] == {"TEST_LIVE", "PRO_YEARLY"}


async def test_whoever_did_not_get_what_he_paid_for_and_whoever_has_more_is_named(
    database: Database, old: OldService, move: Move
) -> None:
    at = NOW - days(5)
    for user, ends in {1: at + days(30), 2: at + days(60), 3: at + days(90)}.items():
        await old.user(user, "PRO_MONTHLY", starts=at, ends=ends + timedelta(seconds=5))
        await old.payment(user, at=at)
        await old.payment(user, at=at + timedelta(milliseconds=300))

    imported = await move()

    assert imported.proof.is_whole
    differences = await listed(database)
    assert (differences["paid_beyond_end"], differences["end_beyond_paid"]) == ({"1"}, {"3"})
    assert (await access(database))[3] == at + days(90) + timedelta(seconds=5)


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


CUT_OFF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%FROM subscriptions%FOR UPDATE%'
"""


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


async def database_emptied(database: Database) -> None:
    """What only the provider knows."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in ("subscription_periods", "access_changes", "payments", "outbox_events", "webhook_logs"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608


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
