"""Months pass in the demo: PRO is bought, and seen to end."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.dev.clock import SharedClock
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from tests.stage import GOOD_CARD, BackOffice, WebApp, in_process, work_off

MONTH_SECONDS = 30 * 86_400


@pytest.fixture
async def browser(
    services: Services, settings: Settings, sandbox: Sandbox, web: WebApp
) -> AsyncIterator[httpx.AsyncClient]:
    async with SharedClock(settings, in_process(sandbox.app)) as clock:
        web.app = create_app(settings, services, clock=clock)
        async with httpx.AsyncClient(transport=in_process(web), base_url="http://localhost:8000") as browser:
            yield browser


async def turn(browser: httpx.AsyncClient, seconds: float) -> datetime:
    answer = await browser.post("/demo/clock", json={"advance_seconds": seconds})
    assert answer.status_code == 200, answer.text
    return now_of(answer)


async def look(browser: httpx.AsyncClient) -> datetime:
    return now_of(await browser.get("/demo/clock"))


def now_of(answer: httpx.Response) -> datetime:
    shown: dict[str, Any] = answer.json()
    assert shown.keys() == {"now"}
    assert shown["now"].endswith("Z")
    return datetime.fromisoformat(shown["now"])


async def test_a_turn_answers_with_the_time_it_is_then(
    browser: httpx.AsyncClient, office: BackOffice
) -> None:
    before = await look(browser)

    shown = await turn(browser, MONTH_SECONDS)

    assert timedelta(days=30) <= shown - before < timedelta(days=30, minutes=1)
    theirs = datetime.fromisoformat((await office.call("GET", "/clock"))["now"])
    assert abs(theirs - shown) < timedelta(seconds=3)


async def test_a_paid_month_ends_after_a_month(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await browser.post("/demo/pay", data={"plan_code": "PRO_MONTHLY"})
    (payment,) = await office.payments()
    await office.pay({"yookassa_payment_id": payment["id"]}, GOOD_CARD)
    await work_off(services)

    await turn(browser, MONTH_SECONDS - 3600)
    assert "<h1>PRO до " in (await browser.get("/demo/")).text

    await turn(browser, 3600)
    ended = (await browser.get("/demo/")).text
    assert "<h1>FREE</h1>" in ended
    assert "PRO закончился" in ended
    assert "Оплатить 299" in ended


async def test_the_page_shows_the_time_and_its_buttons_let_days_pass(browser: httpx.AsyncClient) -> None:
    before = await look(browser)

    pressed = await browser.post("/demo/leap", data={"days": "30"})

    shown = (await browser.get("/demo/")).text
    after = await look(browser)
    assert pressed.headers["Location"] == "/demo/"
    assert after - before >= timedelta(days=30)
    assert re.findall(r"<button>\+(\d+) ", shown) == ["1", "7", "30"]
    (written,) = re.findall(r'<time datetime="([^"]+)"', shown)
    assert abs(datetime.fromisoformat(written) - after) < timedelta(minutes=1)


@pytest.mark.parametrize("days", ["-30", "0", "365", "", "много"])
async def test_there_is_no_other_leap(browser: httpx.AsyncClient, days: str) -> None:
    before = await look(browser)

    assert (await browser.post("/demo/leap", data={"days": days})).status_code == 404

    assert await look(browser) - before < timedelta(minutes=1)


async def test_a_payment_page_that_is_open_meanwhile_cannot_be_paid_any_more(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await browser.post("/demo/pay", data={"plan_code": "PRO_MONTHLY"})

    await turn(browser, 3601)
    await work_off(services)

    (payment,) = await office.payments()
    assert payment["status"] == "canceled"
    page = await browser.get("/demo/return", follow_redirects=True)
    assert "Время на оплату вышло" in page.text
    assert "Деньги не списаны" in page.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"advance_seconds": -1}',
        b'{"advance_seconds": 31622401}',
        b'{"advance_seconds": "60"}',
        b'{"advance_seconds": true}',
        b'{"advance_seconds": NaN}',
        b'{"advance_seconds": 1e400}',
        b'{"advance_seconds": 60, "set": "2020-01-01"}',
        b"{}",
        b"null",
        b"advance_seconds=60",
        b"",
        b"\xff",
    ],
)
async def test_no_clock_is_turned_back_nor_by_what_is_no_time(
    browser: httpx.AsyncClient, body: bytes
) -> None:
    before = await look(browser)

    answer = await browser.post("/demo/clock", content=body)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["fields"].keys() <= {"advance_seconds", "set", "body"}
    assert error["request_id"] == answer.headers["X-Request-ID"]
    assert await look(browser) - before < timedelta(minutes=1)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_of_another_site_turns_nothing(browser: httpx.AsyncClient, site: str) -> None:
    before = await look(browser)

    answer = await browser.post(
        "/demo/clock", json={"advance_seconds": 86_400}, headers={"Sec-Fetch-Site": site}
    )

    assert answer.status_code == 403
    assert await look(browser) - before < timedelta(minutes=1)


async def test_a_service_whose_clock_nobody_turns_says_so(services: Services, settings: Settings) -> None:
    app = create_app(settings, services)

    async with httpx.AsyncClient(transport=in_process(app), base_url="http://localhost:8000") as browser:
        answer = await browser.post("/demo/clock", json={"advance_seconds": 60})
        page = await browser.post("/demo/leap", data={"days": "1"})
        home = await browser.get("/demo/")

    assert answer.status_code == 409
    assert page.status_code == 409
    assert "Часы не повернулись" in page.text
    assert "/demo/leap" not in home.text
    assert answer.json()["error"]["code"] == "CLOCK_NOT_TURNED"


async def test_in_production_there_is_no_such_clock(
    services: Services, settings: Settings, sandbox: Sandbox
) -> None:
    async with SharedClock(settings, in_process(sandbox.app)) as shared:
        prod = settings.model_copy(update={"billing_env": "prod"})
        app = create_app(prod, services, clock=shared)
        async with httpx.AsyncClient(transport=in_process(app), base_url="http://localhost:8000") as browser:
            answers = [await browser.get("/demo/clock"), await browser.post("/demo/clock", json={})]

    assert [answer.status_code for answer in answers] == [404, 404]
