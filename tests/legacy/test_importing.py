"""Moving in: everybody keeps what he had, to the instant and to the kopeck, however often it is done."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.services import Services
from tests.ledger import rows, value
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import MONTH_ENDS, NOW, OldService, days
from tests.legacy.ours import access, listed, money, report_of, violations
from tests.stage import BackOffice, MainBackend, work_off


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


async def test_money_of_a_month_that_is_over_takes_nothing_of_one_that_was_paid_since(
    database: Database, old: OldService, move: Move, api: MainBackend, at_the_provider: AtTheProvider
) -> None:
    await old.user(7, "PRO_MONTHLY", starts=NOW - days(43), ends=NOW + days(47))
    first, second, third = [
        await old.payment(7, yookassa_payment_id=await at_the_provider(7), at=NOW - days(ago))
        for ago in (43, 13, 2)
    ]
    await move()
    ends = "SELECT round(extract(epoch FROM upper(span) - billing_now()) / 86400) FROM subscription_periods"

    shown = (await api.get(f"payments/{first}/refund-request/", 7)).json()
    await api.refund({"payment_id": str(first)})
    assert (shown["access_seconds_taken"], await value(database, ends)) == (0, 47)
    shown = (await api.get(f"payments/{second}/refund-request/", 7)).json()
    await api.refund({"payment_id": str(second)})
    assert (round(shown["access_seconds_taken"] / 86_400), await value(database, ends)) == (17, 30)
    await api.refund({"payment_id": str(third)})
    assert (
        await value(database, "SELECT count(*) FROM subscription_periods WHERE upper(span) > billing_now()")
        == 0
    )


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


async def database_emptied(database: Database) -> None:
    """What only the provider knows."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in ("subscription_periods", "access_changes", "payments", "outbox_events", "webhook_logs"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
