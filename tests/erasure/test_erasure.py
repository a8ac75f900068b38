"""Who asks for it is charged no more and known no more; his money still adds up, and nobody else loses anything."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.audit.service import Deed
from billing_service.charging import service as charging
from billing_service.erasure.queries import ERASED_BY_RECEIPTS, STATEMENTS, STAYS
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payment_methods.models import card_mask
from billing_service.receipts import shop
from billing_service.schema.tables import metadata
from billing_service.services import Services
from billing_service.webhooks import service as webhooks
from tests.bad_days.invariants import broken_rules
from tests.events.receiver import deliver, receiving, told_of
from tests.ledger import days_granted, rows, value
from tests.payment_methods.cards import order, refuse, shown
from tests.renewals.actors import Renewals
from tests.stage import USER, BackOffice, Clock, MainBackend, WebApp, that_renews, work_off
from tests.traces import tables_that_know

OTHER = 2002
EMAIL, PHONE = "canary.payer@example.ru", "79001234567"
ADDRESS, AGENT, CARD, NAMED = "203.0.113.77", "CanaryPhone/7", "5555555555554477", "canary-who-complained"
PAYER: dict[str, Any] = {"X_User_Ip": ADDRESS, "X_User_Agent": AGENT}
# As a column, a mask and a title bear the last four digits; alone they stand in many an id by chance.
OF_THE_CARD = (repr(CARD[-4:]), card_mask(CARD[-4:]) or "", f"*{CARD[-4:]}", CARD)
MARKS = (EMAIL, PHONE, ADDRESS, AGENT, NAMED, *OF_THE_CARD)
WISH = {"author": "support", "reason": "обращение 4711"}
DEED = {"author": "support", "reason": f"writes {NAMED}"}


@pytest.fixture
async def renewing(services: Services, office: BackOffice) -> Services:
    await office.call("PUT", "/shop", {"fiscalization": True})
    renewing = that_renews(services)
    await shop.ask(renewing)
    return renewing


@pytest.fixture
async def api(renewing: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    web.app = create_app(renewing.settings, renewing)
    async with MainBackend.calling(web) as backend:
        yield backend


async def lives(api: MainBackend, office: BackOffice, services: Services, user: int = USER) -> dict[str, Any]:
    """A purchase with a kept card and a receipt, days by hand and taken back, a part sent back, photos."""
    contact = {"email": EMAIL, "phone": PHONE}
    payment = await order(api, user, receipt_contact=contact, **PAYER)
    await office.pay(payment, CARD)
    await work_off(services)
    given = await api.internal(
        "POST",
        f"users/{user}/grants/",
        DEED | {"plan_code": "PRO_MONTHLY", "days": 3},
        Idempotency_Key=f"of-{user}",
    )
    assert given.status_code == 201, given.text
    await api.internal("POST", f"grants/{given.json()['grant_id']}/revoke/", DEED)
    wish = {"reason": DEED["reason"]}
    asked = await api.post(f"payments/{payment['payment_id']}/refund-request/", wish, user)
    assert asked.status_code == 201, asked.text
    await api.refund(payment, "1.00", **DEED)
    await work_off(services)
    await api.consume(user)
    return payment


async def erase(api: MainBackend, user: int = USER) -> httpx.Response:
    return await api.internal("DELETE", f"users/{user}/", WISH)


async def test_nothing_of_the_person_is_left_in_any_table_event_or_line_and_the_money_adds_up(
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment = await lives(api, office, renewing)
    known = await tables_that_know(database, renewing, *MARKS)
    async with receiving() as receiver:
        await deliver(told_of(renewing, receiver))
        days, money = await days_granted(database, USER), await api.payment(payment["payment_id"])

        answer = await erase(api)
        await deliver(told_of(renewing, receiver))

    assert set(known) >= {
        "consents",
        "payment_methods",
        "outbox_events",
        "receipt_contacts",
        "audit_log",
        "refunds",
        "refund_requests",
    }
    assert answer.status_code == 200, answer.text
    assert await tables_that_know(database, renewing, *MARKS) == []
    feed = (await api.internal("GET", "events")).text
    said = capsys.readouterr().out + answer.text + feed
    assert [mark for mark in MARKS if mark in said] == []
    assert await days_granted(database, USER) == days
    assert await api.payment(payment["payment_id"]) == money
    assert await broken_rules(database) == {}


async def who_keeps_his_card(renewals: Renewals) -> Renewals:
    """He has bought a month, and can be charged for the next one."""
    await charging.follow_setting(renewals.services)
    await renewals.office.pay(await order(renewals.api, USER, receipt_contact={"email": EMAIL}), CARD)
    await work_off(renewals.services)
    return renewals


async def test_what_he_was_told_of_his_next_charge_names_no_card_any_more(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock, database: Database
) -> None:
    renewals = await who_keeps_his_card(Renewals(api, office, renewing, clock, database))
    await api.post("subscription/autorenew/", {"enabled": True})
    await renewals.pass_time(days=23, hours=1)
    [told] = await renewals.events("subscription.renewal_upcoming")

    await erase(api)

    assert any(mark in told["text"] for mark in OF_THE_CARD)
    assert await tables_that_know(database, renewing, *OF_THE_CARD) == []


async def test_no_event_says_when_his_card_ends(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock, database: Database
) -> None:
    renewals = await who_keeps_his_card(Renewals(api, office, renewing, clock, database))
    ends = "2020-11"
    await renewing.statements.fetch("UPDATE payment_methods SET expires = $1", ends)
    await api.post("subscription/autorenew/", {"enabled": True})
    await renewals.pass_time(days=23, hours=1)
    assert len(await renewals.events("payment_method.expiring")) == 1

    await erase(api)

    assert await tables_that_know(database, renewing, ends) == []
    kept = await rows(
        database, "SELECT state FROM outbox_events WHERE state #>> '{payment_method,expires}' <> ''"
    )
    assert kept == []
    assert any((await erase(api)).json()["rows"].values()) is False


async def test_he_is_charged_no_more_and_keeps_what_he_paid_for(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await lives(api, office, renewing)

    await erase(api)

    assert (await shown(api))["is_attached"] is False
    assert (await api.get("subscription/")).json()["autorenew_enabled"] is False
    assert await rows(database, "SELECT DISTINCT status FROM payment_methods") == [{"status": "REFUSED"}]
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def test_nobody_else_loses_anything(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await lives(api, office, renewing, OTHER)
    before = await tables_that_know(database, renewing, *MARKS)
    await lives(api, office, renewing)

    await erase(api)

    assert await tables_that_know(database, renewing, *MARKS) == before
    assert (await shown(api, OTHER))["is_attached"] is True


async def test_a_second_time_finds_nothing_and_two_at_once_do_no_harm(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await lives(api, office, renewing)

    first, second = await asyncio.gather(erase(api), erase(api))
    third = await erase(api)

    assert (first.status_code, second.status_code, any(third.json()["rows"].values())) == (200, 200, False)
    entries = await rows(database, "SELECT author, reason FROM audit_log WHERE action = 'user.erased'")
    assert entries == [WISH] * 3
    assert await broken_rules(database) == {}


async def test_what_was_used_today_still_counts_and_what_was_used_before_is_forgotten(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await api.consume(USER, amount=2, operation_id="of the first day")
    await clock.advance(days=1)
    await api.consume(USER, amount=3)

    await erase(api)

    assert (await api.me())["used_today"] == 3
    assert (await api.consume(USER)).status_code == 429
    assert await value(database, "SELECT count(*) FROM daily_usage") == 1
    assert await value(database, "SELECT count(*) FROM usage_operations") == 0


async def test_an_open_checkout_can_still_be_paid_and_keeps_no_card(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    payment = await order(api, receipt_contact={"email": EMAIL}, **PAYER)

    await erase(api)
    await office.pay(payment, CARD)
    await work_off(renewing)

    assert await days_granted(database, USER) == 30
    assert await tables_that_know(database, renewing, *MARKS) == []


async def test_a_notification_that_waits_is_still_looked_at_and_one_that_is_over_can_be_looked_at_again(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await office.pay(await order(api, receipt_contact={"email": EMAIL}, **PAYER), CARD)

    await erase(api)
    await work_off(renewing)

    told = "SELECT id, status, looks, raw_payload FROM webhook_logs"
    [looked_at] = await rows(database, told)
    assert (looked_at["status"], looked_at["looks"], looked_at["raw_payload"]) == ("SUCCESS", 1, {})
    assert await days_granted(database, USER) == 30
    await erase(api)
    await webhooks.replay(renewing, looked_at["id"], Deed("cli", **WISH, request_id=""))
    await work_off(renewing)
    assert await rows(database, told) == [looked_at | {"looks": 2}]
    assert any((await erase(api)).json()["rows"].values()) is False


async def test_what_he_was_answered_after_he_was_erased_is_erased_by_the_next_one(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    payment = await order(api, receipt_contact={"email": EMAIL}, **PAYER)
    await office.pay(payment, CARD)
    await work_off(renewing)
    await api.post(f"payments/{payment['payment_id']}/refund-request/", {"reason": NAMED})
    await erase(api)
    case = await value(database, "SELECT id FROM refund_requests")
    refused = await api.internal("POST", f"refund-requests/{case}/refuse/", DEED)
    assert refused.status_code == 200, refused.text

    await erase(api)

    assert await tables_that_know(database, renewing, *MARKS) == []


async def test_whoever_was_never_seen_can_be_erased(api: MainBackend) -> None:
    answer = await erase(api, 3003)

    assert (answer.status_code, any(answer.json()["rows"].values())) == (200, False)


async def test_a_consent_that_was_withdrawn_before_is_erased_too(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await lives(api, office, renewing)
    await refuse(api, X_User_Ip=ADDRESS, X_User_Agent=AGENT)

    await erase(api)

    assert await tables_that_know(database, renewing, ADDRESS, AGENT) == []


def test_every_table_of_users_is_judged() -> None:
    of_users = {name for name, table in metadata.tables.items() if "user_id" in table.columns}

    assert of_users - {*STATEMENTS, *STAYS, ERASED_BY_RECEIPTS} == set()
