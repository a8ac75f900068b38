"""The way back: the old tables are told what happened here, so that nobody loses by it."""

from billing_service.kit.db import Database
from billing_service.legacy.exporting import statements
from billing_service.services import Services
from tests.ledger import value
from tests.legacy.conftest import Move
from tests.legacy.old import NOW, OldService, days
from tests.legacy.ours import access
from tests.payment_methods.cards import refuse
from tests.stage import BackOffice, MainBackend, work_off
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
