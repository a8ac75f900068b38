"""The way back: the old tables are told what happened here, so that nobody loses by it."""

from decimal import Decimal

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.legacy.exporting import statements
from billing_service.services import Services
from tests.ledger import value
from tests.legacy.conftest import Move
from tests.legacy.old import NOW, OldService, days
from tests.legacy.ours import access
from tests.payment_methods.cards import refuse
from tests.stage import BackOffice, MainBackend, that_renews, work_off
from tests.user_moves.moving import moved


async def go_back(services: Services, old: OldService) -> None:
    script = [one async for one in statements(services, old.schema)]
    await old.connection.execute("\n".join(script))


async def test_whoever_did_something_here_has_it_there(
    api: MainBackend, database: Database, old: OldService, office: BackOffice, services: Services, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=NOW + days(9))
    await old.user(2)
    await old.user(3, "PRO_YEARLY", ends=NOW + days(200), card="pm-3")
    await old.user(4, "PRO_MONTHLY", ends=NOW + days(9), card="pm-4")
    await old.payment(4, status="PENDING", at=NOW - days(0.01))
    await move()
    for user, plan in {1: "PRO_MONTHLY", 2: "PRO_YEARLY", 5: "PRO_MONTHLY"}.items():
        bought = await api.buy(plan, user)
        await office.pay(bought)
        await work_off(services)
    sent = await api.refund(bought)
    assert sent.status_code == 201, sent.text
    await refuse(api, 3)
    here = await access(database)

    await go_back(services, old)
    await go_back(services, old)

    there = {
        row["user_id"]: (row["code"], row["end_date"])
        for row in await old.connection.fetch(
            "SELECT user_id, code, end_date FROM subscriptions s JOIN subscription_plans p ON p.id = s.plan_id"
        )
    }
    assert there == {
        1: ("PRO_MONTHLY", here[1]),
        2: ("PRO_YEARLY", here[2]),
        3: ("PRO_YEARLY", NOW + days(200)),
        4: ("PRO_MONTHLY", NOW + days(9)),
        5: ("PRO_MONTHLY", here[5]),
    }
    assert here[5] < NOW + days(1)
    paid = await old.connection.fetch("SELECT user_id, status FROM payments ORDER BY user_id")
    assert [tuple(one) for one in paid] == [
        (1, "SUCCEEDED"),
        (2, "SUCCEEDED"),
        (4, "PENDING"),
        (5, "REFUNDED"),
    ]
    assert await old.connection.fetchval("SELECT sum(amount) FROM refunds") == 299
    cards = dict(await old.connection.fetch("SELECT user_id, yookassa_payment_method_id FROM subscriptions"))
    assert (cards[3], cards[4]) == (None, "pm-4")

    assert (await move()).proof.is_whole
    assert await access(database) == here
    assert await value(database, "SELECT count(*) FROM payments") == 4


async def test_who_has_become_another_number_has_nothing_under_the_old_one_and_is_not_charged_there(
    api: MainBackend, database: Database, old: OldService, services: Services, move: Move
) -> None:
    await old.user(6, "PRO_MONTHLY", ends=NOW + days(9), card="pm-6")
    await move()
    await moved(api, 6, 7)
    await refuse(api, 7)
    here = await access(database)

    await go_back(services, old)

    there = {row["user_id"]: row for row in await old.connection.fetch("SELECT * FROM subscriptions")}
    assert (there[6]["is_active"], there[6]["auto_renew"]) == (False, False)
    assert there[6]["yookassa_payment_method_id"] is None
    assert (there[7]["is_active"], there[7]["end_date"]) == (True, here[7])
    assert (await move()).proof.is_whole
    assert await access(database) == here


async def test_who_bought_a_plan_that_was_added_here_has_it_there(
    api: MainBackend, database: Database, old: OldService, office: BackOffice, services: Services, move: Move
) -> None:
    await old.user(1)
    await move()
    terms = {
        "code": "PRO_HALF",
        "display_name": "PRO полгода",
        "description": "Полгода",
        "price": "1490.00",
        "old_price": "1794.00",
        "duration_days": 182,
        "history_days": 180,
        **dict.fromkeys(("ai_recognition", "advanced_stats", "priority_support"), True),
    }
    added = await api.internal("POST", "plans/", terms | {"author": "owner", "reason": "продаём полгода"})
    assert added.status_code == 201, added.text
    for user in (1, 2):
        await office.pay(await api.buy("PRO_HALF", user))
    await work_off(services)
    here = await access(database)

    await go_back(services, old)
    await go_back(services, old)

    there = await old.connection.fetch(
        "SELECT user_id, code, price, end_date FROM subscriptions s JOIN subscription_plans p ON p.id = s.plan_id "
        "ORDER BY user_id"
    )
    assert [tuple(one) for one in there] == [
        (user, "PRO_HALF", Decimal("1490.00"), here[user]) for user in (1, 2)
    ]
    assert await old.connection.fetchval("SELECT count(plan_id) FROM payments") == 2
    assert (await move()).proof.is_whole


async def test_whose_renewal_ended_here_is_not_charged_there(
    api: MainBackend, old: OldService, office: BackOffice, services: Services, move: Move
) -> None:
    for user in (1, 2, 3, 4, 5):
        await old.user(user, "PRO_MONTHLY", ends=NOW + days(9), card=f"pm-{user}")
    await move()
    renewing = that_renews(services)
    bought = {}
    async with MainBackend.calling(create_app(renewing.settings, renewing)) as renews:
        agreed = {"document_version": "2026-11", "plan_code": "PRO_MONTHLY"}
        for user in (1, 2):
            consent = await renews.post("consents/", agreed, user)
            assert consent.status_code == 201, consent.text
        switched = [await renews.post("subscription/autorenew/", {"enabled": on}, 1) for on in (True, False)]
        assert [one.status_code for one in switched] == [200, 200]
        headers = {"X-User-Id": "2"}
        withdrawn = f"/api/v1/billing/consents/{consent.json()['consent_id']}/"
        assert (await renews.http.request("DELETE", withdrawn, headers=headers)).status_code == 200
    for user in (3, 4):
        bought[user] = await api.buy(user=user)
        await office.pay(bought[user])
        await work_off(services)
    await api.post(f"payments/{bought[3]['payment_id']}/refund-request/", {"reason": "не нужно"}, 3)
    assert (await api.refund(bought[4])).status_code == 201

    await go_back(services, old)

    renews_there = dict(await old.connection.fetch("SELECT user_id, auto_renew FROM subscriptions"))
    assert renews_there == {1: False, 2: False, 3: False, 4: False, 5: True}
