"""Month after month: the payer is told, charged once, and never sees an end in between."""

import re

import pytest

from tests.ledger import value
from tests.payment_methods.cards import CONSENT, order
from tests.renewals.actors import Renewals
from tests.stage import USER


async def test_it_is_told_a_week_before_and_charged_on_the_last_day(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=22)
    assert await renewals.events("subscription.renewal_upcoming") == []

    await renewals.pass_time(days=1, hours=1)

    [notice] = await renewals.events("subscription.renewal_upcoming")
    assert (notice["plan"], notice["days"], notice["amount"]) == ("PRO_MONTHLY", 30, "299.00")
    assert re.fullmatch(
        r"\d{2}\.\d{2}\.\d{4} спишем 299 ₽ с карты •••• 4444: «PRO месяц» на 30 дн\.", notice["text"]
    )
    assert (await renewals.shown())["no_charge_because"] == "NOT_TOLD"
    await renewals.tell()
    shown = await renewals.shown()
    assert (shown["next_charge"]["amount"], shown["no_charge_because"]) == ("299.00", "NOT_DUE")

    await renewals.pass_time(days=5, hours=20)
    assert await renewals.charges() == []
    await renewals.pass_time(hours=4)

    [charge] = await renewals.charges()
    assert (charge["status"], charge["amount"]) == ("SUCCEEDED", "299.00")
    assert await renewals.pro_days_left() == pytest.approx(31, abs=0.1)
    assert await renewals.events("subscription.ended") == []


@pytest.mark.parametrize(
    ("price", "title", "said"),
    [("299.50", "'SberPay'", "299,50 ₽ с SberPay"), ("300", "NULL", "300 ₽ с сохранённого способа оплаты")],
)
async def test_a_notice_names_the_kopecks_and_what_is_no_card(
    renewals: Renewals, price: str, title: str, said: str
) -> None:
    await renewals.costs(price)
    await renewals.subscribe()
    await renewals.services.statements.fetch(
        f"UPDATE payment_methods SET card_last4 = NULL, title = {title}"  # noqa: S608
    )

    await renewals.pass_time(days=23, hours=1)

    [notice] = await renewals.events("subscription.renewal_upcoming")
    assert f" спишем {said}: " in notice["text"]


async def test_a_year_of_months_is_twelve_charges(renewals: Renewals) -> None:
    await renewals.subscribe()

    for _ in range(12):
        await renewals.pass_time(days=await renewals.pro_days_left() - 6.9)
        await renewals.tell()
        await renewals.pass_time(days=await renewals.pro_days_left() - 0.9)

    charges = await renewals.charges()
    assert [charge["status"] for charge in charges] == ["SUCCEEDED"] * 12
    assert (
        await value(
            renewals.database,
            f"SELECT count(*) FROM subscription_periods WHERE user_id = {USER}",  # noqa: S608
        )
        == 13
    )
    assert await renewals.events("subscription.ended") == []


async def test_a_year_renews_itself_for_the_price_of_a_year(renewals: Renewals) -> None:
    bought = await order(renewals.api, plan_code="PRO_YEARLY")
    await renewals.office.pay(bought)
    await renewals.work()
    assert (await renewals.api.post("subscription/autorenew/", {"enabled": True})).status_code == 200
    [price] = [
        plan["price"] for plan in (await renewals.api.get("plans/")).json() if plan["code"] == "PRO_YEARLY"
    ]

    for days in (200, 157, 1.1):
        assert await renewals.events("subscription.renewal_upcoming") == []
        await renewals.pass_time(days=days)
    [notice] = await renewals.events("subscription.renewal_upcoming")
    await renewals.tell()
    await renewals.pass_time(days=5.9)
    await renewals.pass_time(hours=2)

    assert (notice["plan"], notice["days"], notice["amount"]) == ("PRO_YEARLY", 365, price)
    assert [(charge["status"], charge["amount"]) for charge in await renewals.charges()] == [
        ("SUCCEEDED", price)
    ]
    assert await renewals.pro_days_left() == pytest.approx(366, abs=0.1)
    assert (await renewals.shown())["next_charge"]["amount"] == price
    assert await renewals.events("subscription.ended") == []


async def test_nobody_is_charged_who_was_not_told(renewals: Renewals) -> None:
    await renewals.subscribe()

    for _ in range(20):
        await renewals.pass_time(days=2)

    assert await renewals.charges() == []
    assert len(await renewals.events("subscription.renewal_upcoming")) == 1
    assert len(await renewals.events("subscription.ended")) == 1
    assert len(await renewals.events("subscription.grace_started")) == 1


async def test_who_is_told_late_is_charged_later_and_gets_nothing_before(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.pass_time(days=4)
    told = await renewals.tell()

    await renewals.pass_time(days=3, hours=22)
    assert await renewals.charges() == []
    assert (await renewals.shown())["is_active"] is False

    await renewals.pass_time(hours=3)
    [charge] = await renewals.charges()
    assert charge["status"] == "SUCCEEDED"
    assert told["charge_until"] > told["charge_at"]
    assert await renewals.pro_days_left() == pytest.approx(30, abs=0.1)


async def test_a_price_that_rose_is_not_charged_and_the_user_is_asked(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell()
    await renewals.costs("349")

    await renewals.pass_time(days=6)

    assert await renewals.charges() == []
    [needed] = await renewals.events("subscription.consent_needed")
    assert (needed["amount"], needed["agreed_amount"]) == ("349.00", "299.00")
    assert (await renewals.shown())["no_charge_because"] == "CONSENT_NEEDED"


async def test_each_price_is_asked_about_once_and_again_once_he_has_agreed_to_another(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)

    async def looks_at(price: str) -> None:
        await renewals.costs(price)
        for _ in range(2):
            await renewals.pass_time(hours=7)

    for price in ("349", "399"):
        await looks_at(price)
    await renewals.costs("199")
    await renewals.api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})
    await looks_at("349")

    asked = await renewals.events("subscription.consent_needed")
    assert [(one["agreed_amount"], one["amount"]) for one in asked] == [
        ("299.00", "349.00"),
        ("299.00", "399.00"),
        ("199.00", "349.00"),
    ]


async def test_a_price_that_fell_is_told_anew_before_it_is_charged(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell()
    await renewals.costs("199")

    await renewals.pass_time(days=2)
    await renewals.tell()
    await renewals.pass_time(days=3, hours=23)
    assert await renewals.charges() == []
    await renewals.pass_time(hours=2)

    assert [notice["amount"] for notice in await renewals.events("subscription.renewal_upcoming")] == [
        "299.00",
        "199.00",
    ]
    assert [charge["amount"] for charge in await renewals.charges()] == ["199.00"]
