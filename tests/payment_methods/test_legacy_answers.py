"""Every answer that the frontend which moved over without a release reads about cards and renewals, word for word."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.payment_methods.cards import CONSENT, delete, keep_a_card, refuse
from tests.stage import BackOffice, Clock, MainBackend, work_off

NO_CARD = {"is_attached": False, "card_mask": None, "card_brand": None, "title": None, "expires": None}
CARD = {
    "is_attached": True,
    "card_mask": "•••• 4444",
    "card_brand": "MasterCard",
    "title": "Bank card *4444",
    "expires": "2030-11",
}
FREE = {"plan": "free", "plan_display": "Free", "expires_at": None, "is_active": True}
# What renewals added; who does not know it reads on as before.
ADDED = {"next_charge", "no_charge_because", "charge_in_flight"}
OFF = {
    "autorenew_available": False,
    "autorenew_enabled": False,
    "card_bound": False,
    "payment_method": NO_CARD,
}


@pytest.fixture
async def without_renewals(services: Services) -> AsyncIterator[MainBackend]:
    async with MainBackend.calling(create_app(services.settings, services)) as backend:
        yield backend


async def switch(api: MainBackend, *, on: bool) -> httpx.Response:
    return await api.post("subscription/autorenew/", {"enabled": on})


def refused(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert any("а" <= letter <= "я" for letter in error["message"])
    return answer.status_code, error["code"]


async def subscription(api: MainBackend) -> dict[str, Any]:
    return legacy(await api.get("subscription/"))


def legacy(answer: httpx.Response) -> dict[str, Any]:
    """What the old contract knows of it; this service only ever adds fields."""
    return {name: told for name, told in answer.json().items() if name not in ADDED}


async def test_whoever_never_bought(api: MainBackend, without_renewals: MainBackend) -> None:
    assert await subscription(without_renewals) == FREE | OFF
    assert await subscription(api) == FREE | OFF | {"autorenew_available": True}
    for backend in (api, without_renewals):
        assert (await backend.get("payment-method/")).json() == NO_CARD
    assert refused(await switch(api, on=True)) == (400, "NOT_AVAILABLE_FOR_FREE")
    assert refused(await api.post("bind-card/start/", {})) == (422, "CONSENT_REQUIRED")
    assert legacy(await switch(api, on=False)) == await subscription(api)


@pytest.mark.usefixtures("api")
async def test_while_renewals_are_off_nothing_is_offered(
    without_renewals: MainBackend, office: BackOffice, services: Services
) -> None:
    await office.pay(await without_renewals.buy())
    await work_off(services)

    shown = await subscription(without_renewals)

    assert (shown["plan"], shown["plan_display"], shown["is_active"]) == ("pro", "PRO", True)
    assert {name: shown[name] for name in OFF} == OFF
    assert refused(await switch(without_renewals, on=True)) == (409, "RECURRING_DISABLED")
    assert legacy(await switch(without_renewals, on=False)) == shown
    binding = await without_renewals.post("bind-card/start/", {"consent": CONSENT})
    assert refused(binding) == (409, "CARD_BINDING_NOT_AVAILABLE")
    assert await office.creations("create_payment_method") == []
    receipt = await refuse(without_renewals)
    assert set(receipt) == {"refused_at", "receipt_id", "autorenew_enabled", "charge_in_flight"}


async def test_pro_without_a_card_is_asked_for_one_and_then_for_consent(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    await office.pay(await api.buy())
    await work_off(renewing)
    shown = await subscription(api)

    assert {name: shown[name] for name in OFF} == OFF | {"autorenew_available": True}
    assert refused(await switch(api, on=True)) == (400, "payment_method_required")
    begun = await api.post("bind-card/start/", {"consent": CONSENT})
    assert begun.status_code == 201
    assert set(begun.json()) == {"payment_id", "confirmation_url"}


async def test_pro_with_a_card_switches_on_and_off_and_a_consent_taken_back_is_asked_for_again(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock
) -> None:
    await keep_a_card(api, office, renewing)

    on = await switch(api, on=True)
    shown = await subscription(api)

    assert (on.status_code, legacy(on)) == (200, shown)
    assert {name: shown[name] for name in OFF} == {
        "autorenew_available": True,
        "autorenew_enabled": True,
        "card_bound": True,
        "payment_method": CARD,
    }
    assert (await api.get("payment-method/")).json() == CARD
    assert legacy(await switch(api, on=False)) == shown | {"autorenew_enabled": False}
    [given] = (await api.get("consents/")).json()["results"]
    await delete(api, f"consents/{given['consent_id']}/")
    assert refused(await switch(api, on=True)) == (422, "CONSENT_REQUIRED")
    await api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})
    assert legacy(await switch(api, on=True)) == shown
    await clock.advance(days=36)
    assert refused(await switch(api, on=True)) == (400, "NOT_AVAILABLE_FOR_FREE")


async def test_a_refusal_is_seen_everywhere_at_once(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    await keep_a_card(api, office, renewing)
    await switch(api, on=True)
    await refuse(api)

    shown = await subscription(api)

    assert shown["is_active"] is True
    assert {name: shown[name] for name in OFF} == OFF | {"autorenew_available": True}
    assert (await api.get("payment-method/")).json() == NO_CARD
    assert refused(await switch(api, on=True)) == (400, "payment_method_required")


@pytest.mark.parametrize("plan", ["FREE", "GOLD", "TEST_LIVE", ""])
async def test_nobody_agrees_to_a_plan_that_is_not_sold(api: MainBackend, plan: str) -> None:
    assert refused(await api.post("consents/", CONSENT | {"plan_code": plan}))[1] == "INVALID_PLAN"
    assert (await api.get("consents/")).json() == {"results": []}


async def test_a_card_kept_before_renewals_were_switched_off_is_still_shown_and_can_be_refused(
    api: MainBackend, without_renewals: MainBackend, office: BackOffice, renewing: Services
) -> None:
    await keep_a_card(api, office, renewing)
    await switch(api, on=True)

    shown = await subscription(without_renewals)
    assert (shown["card_bound"], shown["payment_method"]) == (True, CARD)
    assert (shown["autorenew_available"], shown["autorenew_enabled"]) == (False, False)
    await refuse(without_renewals)
    assert (await subscription(api))["card_bound"] is False
