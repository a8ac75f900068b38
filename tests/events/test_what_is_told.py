"""What leaves the house: nothing secret, nothing of a card, nothing large, and nothing that the page does not say."""

import json
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.config import DEV_EVENTS_SECRET, DEV_TOKEN
from billing_service.events.kinds import KINDS
from billing_service.operations import weekly_digest
from billing_service.services import Services
from billing_service.subscriptions.service import tell_ends
from tests.events.page import PAGE, hold_to_the_page
from tests.events.told import told
from tests.payment_methods.cards import keep_a_card, refuse
from tests.scratch import execute
from tests.stage import GOOD_CARD, BackOffice, Clock, MainBackend, that_renews
from tests.stories.silence import pass_time

# Kinds whose facts have stories of their own, each of which holds its events to this page.
ABOUT_RENEWALS = {
    *("subscription.renewal_upcoming", "subscription.renewal_failed", "subscription.grace_started"),
    *("subscription.consent_needed", "payment_method.ended", "payment_method.expiring"),
}
ELSEWHERE = ABOUT_RENEWALS | {"receipt.not_registered"}
Json = dict[str, Any]
GIFT = {"plan_code": "PRO_MONTHLY", "days": 3, "author": "support: Anna", "reason": "сбой 4711"}


async def keep_and_refuse_a_card(services: Services, office: BackOffice) -> None:
    own = that_renews(services)
    async with MainBackend.calling(create_app(own.settings, own)) as renewing:
        await keep_a_card(renewing, office, services)
        await refuse(renewing)


@pytest.fixture
async def everything(api: MainBackend, office: BackOffice, services: Services, clock: Clock) -> list[Json]:
    """At least one event of every kind."""
    await api.consume(amount=3)
    bought = await api.buy()
    await office.pay(bought, GOOD_CARD)
    await pass_time(clock, office, services, minutes=1)
    path = "/internal/v1/users/1001/grants/"
    await api.http.post(path, json=GIFT, headers={"Idempotency-Key": "one"})
    await keep_and_refuse_a_card(services, office)
    await api.refund(bought, access="cut_all")
    await office.decline(await api.buy(Idempotency_Key="two"), "fraud_suspected")
    odd = await api.buy(Idempotency_Key="three")
    await office.misreport(odd, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(odd)
    await pass_time(clock, office, services, minutes=1)
    address = services.settings.database_url
    await execute(address, "UPDATE subscriptions SET auto_renew = NOT auto_renew")
    await execute(address, "SELECT record_event('subscription.imported', 1001, '{}', true)")
    await clock.advance(days=60)
    await tell_ends(services)
    await weekly_digest.tell(services)
    await execute(
        address, "UPDATE payments SET status = 'FAILED', request_body = NULL WHERE status = 'PENDING'"
    )
    moved = await api.internal("POST", "users/1001/move-to/1002/", {"author": "support", "reason": "сбой"})
    assert moved.status_code == 200, moved.text
    return await told(services)


def test_every_kind_can_be_told(everything: list[Json]) -> None:
    assert {event["type"] for event in everything} | ELSEWHERE == KINDS.keys()


def test_what_is_told_is_what_the_page_says(everything: list[Json]) -> None:
    hold_to_the_page(everything)
    assert PAGE["webhooks"].keys() == KINDS.keys()


def test_nothing_secret_and_of_a_card_only_what_its_owner_is_shown_is_told(everything: list[Json]) -> None:
    text = json.dumps(everything, ensure_ascii=False)

    for canary in (
        GOOD_CARD,
        GOOD_CARD[:6],
        GOOD_CARD[6:12],
        DEV_TOKEN,
        DEV_EVENTS_SECRET,
        "test_sandbox",
        "Anna",
    ):
        assert canary not in text


def test_no_event_is_large(everything: list[Json]) -> None:
    assert max(len(json.dumps(event).encode()) for event in everything) < 4000


async def test_however_much_is_ahead_of_a_user_an_event_stays_below_20_kilobytes(
    api: MainBackend, services: Services
) -> None:
    path = "/internal/v1/users/1001/grants/"
    for number in range(40):
        await api.http.post(path, json=GIFT | {"days": 1}, headers={"Idempotency-Key": f"gift-{number}"})

    newest = (await told(services))[-1]

    assert len(newest["state"]["spans"]) == 20
    assert len(json.dumps(newest).encode()) < 20_000
