"""The frontend that moved over without a release: every button of its has an answer, with renewals on and off."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.payment_methods.cards import CONSENT, confirm
from tests.renewals.actors import Renewals
from tests.stage import BackOffice, MainBackend, work_off

# What it sends with every purchase, whatever the payer agreed to.
BUY = {"plan_code": "PRO_MONTHLY", "save_payment_method": True}
LATER = range(3)


@pytest.fixture
async def switched_off(services: Services) -> AsyncIterator[MainBackend]:
    """The same installation without `BILLING_RECURRING_ENABLED`."""
    async with MainBackend.calling(create_app(services.settings, services)) as backend:
        yield backend


async def switch(api: MainBackend, *, on: bool) -> httpx.Response:
    return await api.post("subscription/autorenew/", {"enabled": on})


async def buys(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    """He presses the button, pays, and comes back: the settled state is there."""
    bought = await api.post("create-payment/", BUY)
    assert bought.status_code == 201, bought.text
    await office.pay(bought.json())
    await work_off(services)
    created: dict[str, Any] = bought.json()
    return created


async def start_screen(api: MainBackend) -> dict[str, Any]:
    """`me/`, which it polls, `subscription/` and the history: all three, or the screen is empty."""
    answers = [await api.get(path) for path in ("me/", "subscription/", "payments/?limit=20")]
    assert [one.status_code for one in answers] == [200, 200, 200]
    me, subscription, _ = (one.json() for one in answers)
    assert (me["plan_code"] != "FREE") is (subscription["plan"] == "pro" and subscription["is_active"])
    shown: dict[str, Any] = subscription
    return shown


def words(answer: httpx.Response) -> tuple[int, str]:
    """A refusal that is shown as it is: for people, and no 401, 403 or 5xx, which it takes for something else."""
    error = answer.json()["error"]
    assert any("а" <= letter <= "я" for letter in error["message"])
    return answer.status_code, error["code"]


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_while_renewals_are_off_it_sells_and_switching_off_is_never_refused(
    switched_off: MainBackend, office: BackOffice, services: Services
) -> None:
    assert (await start_screen(switched_off))["plan"] == "free"
    assert (await switch(switched_off, on=False)).status_code == 200
    bought = await buys(switched_off, office, services)

    shown = await start_screen(switched_off)

    assert (bought["method_will_be_saved"], bought["not_saved_because"]) == (False, "RECURRING_NOT_AVAILABLE")
    assert (shown["is_active"], shown["autorenew_available"], shown["card_bound"]) == (True, False, False)
    assert words(await switch(switched_off, on=True)) == (409, "RECURRING_DISABLED")
    off = await switch(switched_off, on=False)
    assert (off.status_code, off.json()) == (200, shown)
    assert words(await switched_off.post("bind-card/start/", {})) == (409, "CARD_BINDING_NOT_AVAILABLE")


async def test_while_they_are_on_it_sells_and_once_consents_are_recorded_every_button_works(
    renewals: Renewals, office: BackOffice
) -> None:
    api = renewals.api
    bought = await buys(api, office, renewals.services)
    shown = await start_screen(api)
    assert (bought["method_will_be_saved"], bought["not_saved_because"]) == (False, "CONSENT_REQUIRED")
    assert (shown["is_active"], shown["autorenew_available"], shown["card_bound"]) == (True, True, False)
    assert words(await switch(api, on=True)) == (400, "payment_method_required")
    assert words(await api.post("bind-card/start/", {})) == (422, "CONSENT_REQUIRED")

    await api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})
    started = await api.post("bind-card/start/", {})
    assert (started.status_code, set(started.json())) == (201, {"payment_id", "confirmation_url"})
    await confirm(office)
    await work_off(renewals.services)
    assert (await start_screen(api))["payment_method"]["card_mask"] == "•••• 4444"
    for on in (True, False, True):
        answer = await switch(api, on=on)
        assert (answer.status_code, answer.json()["autorenew_enabled"]) == (200, on)
    assert (await buys(api, office, renewals.services))["method_will_be_saved"] is True

    await renewals.pass_time(days=53, hours=1)
    await renewals.tell()
    await renewals.pass_time(days=6)
    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]
    assert (await start_screen(api))["is_active"] is True


async def test_who_switches_off_while_they_are_off_is_not_charged_once_they_are_on(
    renewals: Renewals, switched_off: MainBackend
) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell()
    assert (await start_screen(switched_off))["autorenew_enabled"] is False

    assert (await switch(switched_off, on=False)).status_code == 200
    assert (await renewals.shown())["autorenew_enabled"] is False
    for _ in LATER:
        await renewals.pass_time(days=3)

    assert await renewals.charges() == []
    ended = await start_screen(renewals.api)
    assert (ended["plan"], ended["is_active"], ended["expires_at"] is not None) == ("pro", False, True)
