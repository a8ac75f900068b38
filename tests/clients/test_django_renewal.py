"""A subscription that renews itself, as the Django example sees it: from the button to the last charge."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.dev.clock import SharedClock
from billing_service.kit.http import httpx
from tests.clients.backend import App, a_running_backend, pay, until
from tests.events.receiver import SECRET
from tests.outside import Outside, a_running_service
from tests.ports import free_port

AGREED = {
    "plan_code": "PRO_MONTHLY",
    "save_payment_method": True,
    "consent": {"document_version": "2026-11"},
}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
async def renewing(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, port: int
) -> AsyncIterator[Outside]:
    """As processes of their own, with a clock that nobody else reads."""
    told = {
        "EVENTS_URL": f"http://127.0.0.1:{port}/billing/events/",
        "EVENTS_SECRETS": SECRET,
        "BILLING_RECURRING_ENABLED": "true",
    }
    async with a_running_service(tmp_path_factory.mktemp("renewing"), settings, **told) as outside:
        yield outside


@pytest.fixture
async def http(
    renewing: Outside, tmp_path_factory: pytest.TempPathFactory, port: int
) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        a_running_backend(tmp_path_factory.mktemp("backend"), port, renewing.url) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        yield http


@pytest.fixture
async def clock(renewing: Outside, settings: Settings) -> AsyncIterator[SharedClock]:
    """The service's and the provider's, turned together; Django's is that of this machine."""
    where = {
        "database_url": renewing.programs["api"].environment["DATABASE_URL"],
        "yookassa_api_url": f"{renewing.sandbox_url}/v3",
    }
    async with SharedClock(settings.model_copy(update=where)) as clock:
        yield clock


@dataclass
class Subscriber:
    """Somebody with the Mini App, and what Django knows of him."""

    app: App
    running: Outside

    async def subscribe(self) -> None:
        """A month, with a card that is kept by consent and renews."""
        path = "/api/v1/billing/create-payment/"
        bought = await self.app.call("POST", path, AGREED, Idempotency_Key="click-1")
        assert bought.json()["method_will_be_saved"] is True
        await pay(self.running, bought.json())
        await self.hears("payment_method.saved")
        switched = await self.app.call("POST", "/api/v1/billing/subscription/autorenew/", {"enabled": True})
        assert switched.status_code == 200
        await self.hears("subscription.autorenew_changed")

    async def hears(self, event: str, times: int = 1) -> None:
        async def was_heard_of() -> bool:
            return bool((await self.app.profile())["events"].count(event) == times)

        await until(was_heard_of)

    async def is_known_to_be_told(self) -> bool:
        return bool((await self.app.billing("subscription/"))["no_charge_because"] == "NOT_DUE")

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.app.profile())["billing"]
        return state

    async def messages(self) -> list[str]:
        messages: list[str] = (await self.app.profile())["messages"]
        return messages

    async def payments(self) -> list[str]:
        return [payment["status"] for payment in (await self.app.billing("payments/?limit=10"))["results"]]


def days_between(before: dict[str, Any], after: dict[str, Any]) -> float:
    ends, ends_now = (datetime.fromisoformat(state["access_until"]) for state in (before, after))
    return (ends_now - ends) / timedelta(days=1)


@pytest.mark.timeout(120)
async def test_a_month_renews_itself_once_its_user_was_told_and_never_after_he_refused(
    renewing: Outside, clock: SharedClock, http: httpx.AsyncClient
) -> None:
    she, he = (Subscriber(App(http, number), renewing) for number in (90_100_001, 90_100_002))
    for one in (she, he):
        await one.subscribe()
    first = await he.state()
    assert first["auto_renew"] is True

    await clock.advance(timedelta(days=23, hours=1))
    for one in (she, he):
        await one.hears("subscription.renewal_upcoming")
        await until(one.is_known_to_be_told)
        assert await one.payments() == ["succeeded"]
    [message] = await he.messages()
    assert "спишем 299 ₽" in message
    assert "отключите автопродление" in message

    await clock.advance(timedelta(days=5, hours=23))
    for one in (she, he):
        await one.hears("subscription.extended")
        assert await one.payments() == ["succeeded", "succeeded"]
    second = await he.state()
    assert days_between(first, second) == 30

    assert (await he.app.call("DELETE", "/api/v1/billing/payment-method/")).status_code == 200
    await he.hears("payment_method.refused")
    await clock.advance(timedelta(days=24, hours=2))
    await she.hears("subscription.renewal_upcoming", times=2)
    await until(she.is_known_to_be_told)
    await clock.advance(timedelta(days=5, hours=23))
    await she.hears("subscription.extended", times=2)
    await clock.advance(timedelta(days=2))
    await he.hears("subscription.ended")
    assert (len(await she.payments()), len(await he.payments())) == (3, 2)
    assert len(await he.messages()) == 1
    refused = await he.state()
    assert (refused["payment_method"], refused["auto_renew"], days_between(second, refused)) == (
        None,
        False,
        0,
    )
