"""What comes along beside access and money: cards, notifications, usage, plans."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import everything, rows
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import MONTH_ENDS, NOW, OldService, days
from tests.legacy.ours import listed
from tests.payment_methods.cards import refuse, shown
from tests.stage import MainBackend
from tests.user_moves.moving import moved


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
    assert told[0]["state"]["payment_method"]["card_mask"] == "•••• 4477"


async def test_the_main_backend_is_told_of_every_card_that_comes_or_goes(
    database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(2, card="pm-2")
    await move()
    await old.says(
        "UPDATE subscriptions SET yookassa_payment_method_id = 'pm-1', card_mask = '1' WHERE user_id = 1"
    )
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = NULL WHERE user_id = 2")
    await move()
    await move()

    told = await rows(
        database,
        "SELECT user_id, kind, state -> 'payment_method' <> 'null' AS has_card FROM outbox_events "
        "ORDER BY user_id, written_no",
    )
    assert [tuple(one.values()) for one in told] == [
        (1, "subscription.imported", False),
        (1, "subscription.imported", True),
        (2, "subscription.imported", True),
        (2, "payment_method.ended", False),
    ]


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


async def test_what_went_along_to_another_number_is_no_difference(
    api: MainBackend, old: OldService, move: Move, at_the_provider: AtTheProvider
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(0.01), ends=NOW + days(30))
    await old.payment(1, at=NOW - days(0.01), yookassa_payment_id=await at_the_provider(1))
    await move()
    await moved(api, 1, 9)

    again = await move()

    assert again.proof.is_whole


async def test_a_card_that_went_along_to_who_has_none_there_stays_his(
    api: MainBackend, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="2d9b7c80-000f-5001-9000-1b2c3d4e5f60")
    await old.user(9)
    await move()
    await moved(api, 1, 9)

    await move()

    assert (await shown(api, 9))["is_attached"] is True
