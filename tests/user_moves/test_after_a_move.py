"""What holds once a user has become another number: of his cards, his renewals, his batches, and of the old number."""

from datetime import timedelta

import asyncpg
import pytest

from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.grant_batches import service as grant_batches
from billing_service.grant_batches.queries import Audience, listed
from billing_service.grant_batches.service import Wish
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.charges import charge
from tests.events.receiver import deliver, receiving, told_of
from tests.ledger import rows, value
from tests.payment_methods.cards import delete, keep_a_card, refuse, shown
from tests.renewals.actors import Renewals
from tests.stage import BackOffice, MainBackend, work_off
from tests.user_moves.moving import (
    NEW,
    OLD,
    SHOP,
    THIRD,
    WISH,
    ahead,
    give,
    moved,
)

DEED = Deed("cli", "owner", "сбой", "")


async def why_not_charged(settings: Settings, method: object) -> str | None:
    """By which rule of the database the new number is not charged with it."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await charge(connection, method, user=NEW)
    finally:
        await connection.close()
    rule: str | None = refused.value.constraint_name
    return rule


async def test_nothing_is_done_under_the_old_number_any_more(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    bought = await keep_a_card(api, office, services, user=OLD)
    await moved(api)
    before = await value(database, "SELECT count(*) FROM payments")

    answers = [
        await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, OLD),
        await api.post("bind-card/start/", {"consent": {"document_version": "2026-11"}}, OLD),
        await api.post("consents/", {"plan_code": "PRO_MONTHLY", "document_version": "2026-11"}, OLD),
        await api.post("subscription/autorenew/", {"enabled": False}, OLD),
        await delete(api, "payment-method/", OLD),
        await api.post(f"payments/{bought['payment_id']}/refund-request/", {"reason": "много"}, OLD),
        await api.internal(
            "POST",
            f"users/{OLD}/grants/",
            SHOP | {"plan_code": "PRO_MONTHLY", "days": 1},
            Idempotency_Key="k",
        ),
        await api.internal("DELETE", f"users/{OLD}/", WISH),
        await api.internal("PUT", f"users/{OLD}/receipt-contact/", {"email": "payer@example.ru"}),
        await api.internal("DELETE", f"users/{OLD}/receipt-contact/"),
    ]

    said = {(answer.status_code, answer.json()["error"]["code"]) for answer in answers}
    assert said == {(409, "USER_MOVED")}, [answer.text for answer in answers]
    assert await value(database, "SELECT count(*) FROM payments") == before
    assert (await api.me(OLD))["plan_code"] == "FREE"


async def test_a_card_that_was_refused_under_the_old_number_is_never_charged_under_the_new_one(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings, database: Database
) -> None:
    await keep_a_card(api, office, services, user=OLD)
    await refuse(api, OLD)
    await moved(api)

    assert (await shown(api, NEW))["is_attached"] is False
    method = await value(database, "SELECT id FROM payment_methods")
    assert await rows(database, "SELECT user_id, status FROM payment_methods") == [
        {"user_id": NEW, "status": "REFUSED"}
    ]
    assert await why_not_charged(settings, method) == "ck_payments_method_may_be_charged"


async def test_without_a_move_evidence_goes_to_nobody_else(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings
) -> None:
    await keep_a_card(api, office, services, user=OLD)
    await refuse(api, OLD)
    await give(api, NEW, 1)
    connection = await asyncpg.connect(settings.database_url)
    try:
        for table in ("consents", "payment_methods"):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(f"UPDATE {table} SET user_id = {NEW}")  # noqa: S608
    finally:
        await connection.close()


async def test_he_renews_under_the_new_number_once_he_was_told_again(
    api: MainBackend, renewals: Renewals, database: Database
) -> None:
    """What he was told under the old number was of another day, and of another's money."""
    await renewals.subscribe(OLD)
    await give(api, NEW, 1)
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell(OLD)

    await moved(api)
    await renewals.work()
    await renewals.pass_time(days=5, hours=22)
    await renewals.pass_time(hours=2)

    assert await renewals.charges() == []
    untold = "SELECT user_id, told_at FROM renewal_notices ORDER BY created_at DESC LIMIT 1"
    assert await rows(database, untold) == [{"user_id": NEW, "told_at": None}]
    await renewals.tell(NEW)
    await renewals.pass_time(days=4, hours=1)
    assert [(one["user_id"], one["status"]) for one in await renewals.charges()] == [(NEW, "SUCCEEDED")]
    assert await renewals.pro_days_left(NEW) > 29
    assert await broken_rules(database) == {}


async def test_no_charge_stands_on_what_was_told_before_the_move(
    api: MainBackend, renewals: Renewals, settings: Settings, database: Database
) -> None:
    await renewals.subscribe(OLD)
    await moved(api)
    method = await value(database, "SELECT id FROM payment_methods")
    assert await why_not_charged(settings, method) == "ck_payments_payer_was_told"


async def test_the_wish_to_renew_is_that_of_the_card(
    api: MainBackend, renewals: Renewals, services: Services
) -> None:
    """Whoever switched it off with his card is not charged because the other one, who has none, had wished it."""
    await renewals.subscribe(OLD)
    await services.statements.fetch(
        "UPDATE payment_methods SET status = 'ENDED', sealed_id = NULL, ended_at = billing_now()"
    )
    await renewals.subscribe(NEW)
    await api.post("subscription/autorenew/", {"enabled": False}, NEW)

    await moved(api)
    without = (await renewals.shown(NEW))["autorenew_enabled"]
    await refuse(api, NEW)
    await renewals.subscribe(THIRD)
    await moved(api, THIRD, NEW)

    assert (without, (await renewals.shown(NEW))["autorenew_enabled"]) == (False, True)
    assert (await renewals.shown(THIRD))["autorenew_enabled"] is False


async def test_a_card_of_another_shop_brings_no_wish_and_what_is_open_there_hinders_nobody(
    api: MainBackend, renewals: Renewals, services: Services
) -> None:
    """Nothing is charged with it here, and nothing asked about there."""
    await renewals.subscribe(OLD)
    await api.buy(user=OLD)
    async with services.statements.transaction() as tx:
        await tx.connection.execute("""
            SET CONSTRAINTS ALL DEFERRED;
            UPDATE payments SET shop_id = '100400'; UPDATE payment_methods SET shop_id = '100400'
        """)
    await renewals.subscribe(NEW)
    await api.post("subscription/autorenew/", {"enabled": False}, NEW)

    await moved(api)

    assert (await renewals.shown(NEW))["autorenew_enabled"] is False


async def test_both_numbers_are_told_once_with_what_each_has_now(
    api: MainBackend, renewing: Services, database: Database
) -> None:
    await give(api, OLD, 10)
    await give(api, NEW, 5)
    async with receiving() as receiver:
        await deliver(told_of(renewing, receiver))
        await moved(api)
        await deliver(told_of(renewing, receiver))

    told = await rows(
        database,
        "SELECT user_id, data, state FROM outbox_events WHERE kind = 'subscription.moved' ORDER BY user_id",
    )
    assert [row["user_id"] for row in told] == [OLD, NEW]
    assert {str(row["data"]) for row in told} == {str({"to_user_id": NEW, "from_user_id": OLD})}
    free, merged = (row["state"] for row in told)
    assert (free["plan"], free["access_until"], free["spans"]) == ("FREE", None, [])
    assert (merged["plan"], len(merged["spans"])) == ("PRO_MONTHLY", 2)
    kinds = (
        "SELECT count(*) FROM outbox_events WHERE kind IN ('subscription.shortened', 'subscription.ended')"
    )
    assert await value(database, kinds) == 0


async def test_the_deed_stands_in_the_log_of_both_and_in_the_timeline(
    api: MainBackend, database: Database
) -> None:
    await give(api, OLD, 10)
    await moved(api)
    await moved(api)

    log = await rows(
        database, "SELECT user_id, author, reason FROM audit_log WHERE action = 'user.moved' ORDER BY user_id"
    )
    assert log == [{"user_id": user} | WISH for user in (OLD, NEW)]
    for user in (OLD, NEW):
        told = (await api.internal("GET", f"users/{user}/timeline/")).json()["results"]
        assert f"пользователь {OLD} стал пользователем {NEW}" in str(told)


async def test_a_member_of_a_batch_gets_his_days_once_under_the_new_number(
    services: Services, api: MainBackend, database: Database
) -> None:
    wish = Wish("sorry", Audience("three", user_ids=(OLD, NEW, THIRD)), "PRO_MONTHLY", 2)
    batch = await grant_batches.begin(services, wish, DEED)
    given = grant_batches.give(services, batch, DEED)
    await anext(given)
    # Of those who were found when it began this one is another by the time it is his turn.
    await moved(api, THIRD, 4004)

    more = [one async for one in given]
    again = [one async for one in grant_batches.give(services, batch, DEED)]
    await moved(api)

    assert (len(more), len(again)) == (1, 1)
    assert timedelta(days=4) - await ahead(database, NEW) < timedelta(minutes=1)
    assert timedelta(days=2) - await ahead(database, 4004) < timedelta(minutes=1)
    revoked = [one async for one in grant_batches.revoke(services, batch, DEED)]
    assert (len(revoked), await ahead(database, NEW, 4004)) == (3, timedelta(0))


async def test_two_members_of_a_batch_who_become_one_amid_it_get_his_days_once(
    services: Services, api: MainBackend, database: Database
) -> None:
    wish = Wish("sorry", Audience("two", user_ids=(OLD, NEW)), "PRO_MONTHLY", 2)
    batch = await grant_batches.begin(services, wish, DEED)
    given = grant_batches.give(services, batch, DEED)
    await anext(given)
    await moved(api)

    assert [one async for one in given]

    assert [one async for one in grant_batches.give(services, batch, DEED)] == []
    assert timedelta(days=2) - await ahead(database, NEW) < timedelta(minutes=1)
    members = "SELECT user_id FROM grant_batch_members WHERE grant_id IS NOT NULL"
    assert await rows(database, members) == [{"user_id": NEW}]


async def test_who_is_listed_for_a_batch_by_his_old_number_gets_his_days_under_the_new_one(
    services: Services, api: MainBackend, database: Database
) -> None:
    await moved(api, THIRD, OLD)
    await moved(api)
    wish = Wish("sorry", listed([THIRD, OLD, NEW, 4004]), "PRO_MONTHLY", 2)

    seen = await grant_batches.look(services, wish, DEED)
    batch = await grant_batches.begin(services, wish, DEED)
    given = [one async for one in grant_batches.give(services, batch, DEED)]

    assert [one.user_id for one in seen.members] == [NEW, 4004]
    assert len(given) == 2
    assert timedelta(days=2) - await ahead(database, NEW) < timedelta(minutes=1)
    assert all(one.grant_id for one in await grant_batches.list_members(services, batch.id))


async def test_refunds_with_one_key_of_two_who_became_one_are_told_apart(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    bought = {}
    for user in (OLD, NEW):
        bought[user] = await api.buy(user=user, Idempotency_Key="for-either")
        await office.pay(bought[user])
        await work_off(services)
        await api.refund(bought[user], "1.00", key="for-either")
    await work_off(services)
    await moved(api)

    repeated = {user: await api.refund(payment, "1.00", key="for-either") for user, payment in bought.items()}

    assert {answer.status_code for answer in repeated.values()} == {201}
    named = {user: answer.json()["payment_id"] for user, answer in repeated.items()}
    assert named == {user: payment["payment_id"] for user, payment in bought.items()}


async def test_whoever_moved_is_erased_under_every_number_that_he_had(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await keep_a_card(api, office, services, user=OLD)
    await give(api, OLD, 1)
    await moved(api)

    erased = await api.internal("DELETE", f"users/{NEW}/", WISH)

    assert erased.status_code == 200, erased.text
    masks = "SELECT count(*) FROM outbox_events WHERE (data || coalesce(state, '{}'))::text LIKE '%••••%'"
    assert await value(database, masks) == 0
    reasons = "SELECT DISTINCT reason FROM audit_log WHERE action = 'grant.given'"
    assert await rows(database, reasons) == [{"reason": "стёрто"}]


async def test_two_who_became_one_are_counted_once(api: MainBackend) -> None:
    await give(api, OLD, 3)
    await give(api, NEW, 3)
    await moved(api)

    figures = (await api.internal("GET", "stats/subscribers/")).json()

    assert (figures["paid_total"], figures["free"]) == (1, 0)
