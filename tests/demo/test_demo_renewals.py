"""The demo shows a subscription that renews itself: the consent, the switch, the next charge, the refusal."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.config import DEV_EVENTS_SECRET
from billing_service.events.sender import Answer, Sender
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.events.receiver import Receiver as Nobody
from tests.events.receiver import told_of
from tests.ledger import value
from tests.renewals.conftest import api, renewing  # noqa: F401 (fixtures)
from tests.stage import BackOffice, MainBackend, WebApp, in_process, work_off

UPCOMING: dict[str, Any] = {
    "id": "5f0e2f52-70c4-4f1b-9a57-5b7f2f6f6a11",
    "type": "subscription.renewal_upcoming",
    "occurred_at": "2026-11-27T09:00:00Z",
    "user_id": 1001,
    "data": {"amount": "299.00", "text": "20.12.2026 спишем 299 ₽"},
}


@pytest.fixture
async def browser(api: MainBackend, web: WebApp) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001, F811
    async with httpx.AsyncClient(transport=in_process(web), base_url="http://localhost:8000") as browser:
        yield browser


async def pay(browser: httpx.AsyncClient, office: BackOffice, services: Services, **form: str) -> None:
    await browser.post("/demo/pay", data={"plan_code": "PRO_MONTHLY"} | form)
    [payment] = await office.payments()
    await office.pay({"yookassa_payment_id": payment["id"]})
    await work_off(services)


async def test_a_card_is_kept_only_by_whoever_ticks_the_box_and_charged_until_he_says_no(
    browser: httpx.AsyncClient,
    office: BackOffice,
    renewing: Services,  # noqa: F811
    database: Database,
) -> None:
    first = (await browser.get("/demo/")).text
    assert "согласен на списание 299\u00a0₽ каждые 30\u00a0дней" in first
    assert "Автопродление" not in first
    await pay(browser, office, renewing, keep_card="yes")
    assert "Автопродление выключено" in (await browser.get("/demo/")).text

    await browser.post("/demo/autorenew", data={"enabled": "true"})
    shown = (await browser.get("/demo/")).text
    assert "Автопродление включено" in shown
    assert "Следующее списание: 299\u00a0₽, не раньше" in shown

    await browser.post("/demo/refuse")
    assert "Автопродление" not in (await browser.get("/demo/")).text
    assert await value(database, "SELECT status FROM payment_methods") == "REFUSED"


async def test_without_the_tick_nothing_is_kept(
    browser: httpx.AsyncClient,
    office: BackOffice,
    renewing: Services,  # noqa: F811
    database: Database,
) -> None:
    await pay(browser, office, renewing)

    assert await value(database, "SELECT count(*) FROM payment_methods") == 0
    assert "Автопродление" not in (await browser.get("/demo/")).text


async def test_the_page_tells_the_payer_of_a_charge_and_says_so(
    renewing: Services,  # noqa: F811
) -> None:
    told = told_of(renewing, Nobody(url="http://localhost:8000/demo/events"), DEV_EVENTS_SECRET)
    transport = in_process(create_app(told.settings, replace(renewing, settings=told.settings)))
    sender = Sender(told.settings.events_url or "", told.settings.events_secrets, transport=transport)

    answer: Answer = await sender.post(UPCOMING)

    assert answer.told == {"channel": "demo", "at": "2026-11-27T09:00:00Z"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as browser:
        assert "20.12.2026 спишем 299 ₽" in (await browser.get("/demo/events")).text
