"""The demo's pages as a browser without a script meets them, on the real service and the sandbox."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from billing_service.app import create_app
from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.http import httpx
from billing_service.receipts import shop
from billing_service.services import Services
from billing_service.web.errors.payments import InvalidPlan, PaymentNotFound
from billing_service.web.errors.usage import DailyLimitReached
from tests.stage import GOOD_CARD, POOR_CARD, BackOffice, MainBackend, WebApp, in_process, work_off

INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=")


@pytest.fixture
async def browser(api: MainBackend, web: WebApp) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 (opens the application)
    async with httpx.AsyncClient(transport=in_process(web), base_url="http://localhost:8000") as browser:
        yield browser


async def test_a_new_visitor_sees_free_and_what_is_on_sale(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/demo/")

    assert "<h1>FREE</h1>" in page.text
    assert "осталось <b>3</b>" in page.text
    assert "Оплатить 299\u00a0₽" in page.text
    assert "Оплатить 2\u00a0490\u00a0₽" in page.text


async def test_paying_makes_one_payment_and_leads_to_the_providers_page(
    browser: httpx.AsyncClient, office: BackOffice
) -> None:
    answer = await pay(browser)

    (payment,) = await office.payments()
    assert answer.status_code == 303
    assert answer.headers["Location"] == payment["confirmation"]["confirmation_url"]
    assert payment["confirmation"]["return_url"] == "http://localhost:8000/demo/return"


async def test_an_address_for_the_receipt_is_asked_for_where_one_is_demanded(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)
    form = {"plan_code": "PRO_MONTHLY"}

    asked = await browser.post("/demo/pay", data=form)
    wrong = await browser.post("/demo/pay", data=form | {"email": "<payer>"})
    right = await browser.post("/demo/pay", data=form | {"email": "payer@example.ru"})

    assert (asked.status_code, wrong.status_code, right.status_code) == (200, 400, 303)
    assert "Куда прислать чек?" in asked.text
    assert 'role="alert"' not in asked.text
    assert "Проверьте адрес" in wrong.text
    assert "&lt;payer&gt;" in wrong.text
    [payment] = await office.payments()
    assert right.headers["Location"] == payment["confirmation"]["confirmation_url"]


async def test_two_clicks_at_once_make_one_payment(browser: httpx.AsyncClient, office: BackOffice) -> None:
    first, second = await asyncio.gather(pay(browser), pay(browser))

    assert first.headers["Location"] == second.headers["Location"]
    assert len(await office.payments()) == 1


async def test_whoever_comes_back_too_early_is_asked_to_wait_with_a_script_and_without(
    browser: httpx.AsyncClient,
) -> None:
    await pay(browser)

    page = await browser.get("/demo/return", follow_redirects=True)

    assert "Ждём подтверждения оплаты" in page.text
    assert "Вернуться к оплате" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert f'data-status="{page.url.path}/status"' in page.text


async def test_the_page_after_the_return_turns_pro_when_the_money_came(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await pay(browser)
    page = await browser.get("/demo/return", follow_redirects=True)
    before = (await browser.get(f"{page.url.path}/status")).json()

    await office.pay(yookassa(await office.payments()), GOOD_CARD)
    await work_off(services)

    after = (await browser.get(f"{page.url.path}/status")).json()
    assert (before["tone"], before["final"]) == ("waiting", False)
    assert (after["tone"], after["final"]) == ("good", True)
    assert after["title"].startswith("PRO до ")
    assert 'http-equiv="refresh"' not in (await browser.get(page.url.path)).text


async def test_the_page_after_the_return_says_why_a_card_was_declined(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await pay(browser)

    await office.pay(yookassa(await office.payments()), POOR_CARD)
    await work_off(services)

    page = await browser.get("/demo/return", follow_redirects=True)
    assert "Оплата не прошла" in page.text
    assert "Недостаточно денег" in page.text
    assert "<h1>FREE</h1>" in (await browser.get("/demo/")).text


async def test_the_page_after_the_return_says_that_a_declined_card_lost_nothing(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    for reason in ("insufficient_funds", "a_reason_of_tomorrow"):
        await pay(browser)
        await office.decline(yookassa(await office.payments()), reason)
        await work_off(services)

        page = await browser.get("/demo/return", follow_redirects=True)

        assert "Деньги не списаны" in page.text


async def test_a_refund_from_the_cabinet_is_shown_with_what_became_of_access(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await pay(browser)
    payment = yookassa(await office.payments())
    await office.pay(payment, GOOD_CARD)
    await work_off(services)
    page = await browser.get("/demo/return", follow_redirects=True)
    assert "Возврат" not in page.text

    await office.refund(payment, "100.00")
    await work_off(services)
    part, home = await browser.get(page.url.path), await browser.get("/demo/")
    await office.refund(payment)
    await work_off(services)
    whole = await browser.get(page.url.path)

    assert "<dt>Возврат</dt><dd>100\u00a0₽" in part.text
    assert "<dt>Доступ теперь</dt><dd>PRO до " in part.text
    assert "возвращено 100\u00a0₽" in home.text
    assert "Деньги возвращены" in whole.text
    assert "<dt>Возврат</dt><dd>199\u00a0₽" in whole.text
    assert "<dt>Доступ теперь</dt><dd>FREE</dd>" in whole.text


async def test_days_are_given_once_however_often_the_button_is_pressed(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/demo/")
    form = dict(re.findall(r'name="(plan_code|key)" value="([^"]+)"', page.text.split("/demo/gift")[1]))

    answers = [await browser.post("/demo/gift", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "<h1>PRO до " in (await browser.get("/demo/")).text
    assert (await browser.post("/demo/gift", data=form | {"key": ""})).status_code == 422


async def test_photos_are_spent_up_to_the_limit_and_then_refused_in_words(browser: httpx.AsyncClient) -> None:
    spent = [await browser.post("/demo/photo") for _ in range(3)]
    page = await browser.get("/demo/")

    refused = await browser.post("/demo/photo")

    assert [answer.status_code for answer in spent] == [303, 303, 303]
    assert "<b>3</b> из 3, осталось <b>0</b>" in page.text
    assert refused.status_code == 429
    assert DailyLimitReached.message in refused.text
    assert re.search(r"Счёт начнётся заново \d+ \w+ \d{4} в&nbsp;00:00 по&nbsp;Москве", refused.text)
    assert "<b>3</b> из 3, осталось <b>0</b>" in (await browser.get("/demo/")).text


async def test_pro_takes_photos_without_a_limit(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await become_pro(browser, office, services)

    spent = [await browser.post("/demo/photo") for _ in range(4)]

    assert {answer.status_code for answer in spent} == {303}
    assert "<b>4</b>, без ограничений" in (await browser.get("/demo/")).text


async def test_the_end_that_is_shown_before_prolonging_is_the_one_that_comes(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await become_pro(browser, office, services)
    before = (await browser.get("/demo/")).text
    promised = re.findall(r"PRO будет до <b>([^<]+)</b>", before)

    await become_pro(browser, office, services, "PRO_YEARLY")

    assert "Продлить за 299 ₽" in before
    assert "Оплатить" not in before
    assert f"<h1>PRO до {promised[1]}</h1>" in (await browser.get("/demo/")).text


async def test_who_is_free_is_promised_no_day_before_the_money_came(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/demo/")

    assert "PRO будет до" not in page.text
    assert "Продлить" not in page.text


async def test_the_history_names_every_payment_with_its_state(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await pay(browser)
    await office.pay(yookassa(await office.payments()))
    await work_off(services)
    await pay(browser, "PRO_YEARLY")

    page = await browser.get("/demo/")

    states = re.findall(r'class="state \w+">([^<]+)<', page.text)
    assert states == ["ждёт оплаты", "оплачен"]


async def test_what_the_service_refuses_is_shown_in_its_own_words(browser: httpx.AsyncClient) -> None:
    page = await pay(browser, "NO_SUCH_PLAN")

    assert page.status_code == 400
    assert InvalidPlan.message in page.text
    assert page.headers["X-Request-ID"] in page.text


async def test_a_new_user_starts_free_and_sees_nothing_of_the_other(
    browser: httpx.AsyncClient, office: BackOffice, services: Services
) -> None:
    await pay(browser)
    others = (await browser.get("/demo/return")).headers["Location"]
    await office.pay(yookassa(await office.payments()))
    await work_off(services)
    assert "<h1>PRO до " in (await browser.get("/demo/")).text

    await browser.post("/demo/user")

    assert "<h1>FREE</h1>" in (await browser.get("/demo/")).text
    stranger = await browser.get(others)
    assert stranger.status_code == 404
    assert PaymentNotFound.message in stranger.text


async def test_one_can_come_back_as_a_user_by_number(browser: httpx.AsyncClient) -> None:
    await browser.post("/demo/user", data={"user_id": "77"})

    assert "Пользователь 77<" in (await browser.get("/demo/")).text


@pytest.mark.parametrize("cookie", ["", "0", "-5", "1e3", "١٢", "9" * 19, "<b>"])
async def test_a_cookie_that_names_nobody_means_the_first_user(
    browser: httpx.AsyncClient, cookie: str
) -> None:
    page = await browser.get("/demo/", headers={b"Cookie": f"demo_user={cookie}".encode()})

    assert "Пользователь 1001<" in page.text


async def test_no_answer_holds_the_service_token(browser: httpx.AsyncClient) -> None:
    answers = [
        await browser.get("/demo"),
        await browser.get("/demo/"),
        await pay(browser),
        await pay(browser, ""),
        away := await browser.get("/demo/return"),
        await browser.get(away.headers["Location"]),
        await browser.get(f"{away.headers['Location']}/status"),
        await browser.post("/demo/photo"),
        await browser.post("/demo/leap", data={"days": "1"}),
        await browser.post("/demo/user"),
        await browser.get("/demo/static/demo.js"),
        await browser.get("/demo/static/demo.css"),
    ]

    for answer in answers:
        assert DEV_TOKEN not in answer.text
        assert DEV_TOKEN not in str(answer.headers)


@pytest.mark.parametrize(
    "path", ["/demo/", "/demo/return", "/demo/payments/00000000-0000-0000-0000-000000000000"]
)
async def test_a_page_runs_and_loads_nothing_that_is_not_our_own(
    browser: httpx.AsyncClient, path: str
) -> None:
    page = await browser.get(path, follow_redirects=True)

    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not INLINE.search(page.text)
    assert not re.search(r'\ssrc="(?!/demo/)', page.text)


async def test_the_address_without_its_slash_leads_to_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/demo", follow_redirects=True)

    assert answer.url.path == "/demo/"
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("nonsense", 404), ("payments/not-a-number", 404), ("pay", 405)]
)
async def test_an_address_that_leads_nowhere_is_a_page_with_a_way_back(
    browser: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await browser.get(f"/demo/{path}")

    assert answer.status_code == status
    assert "Здесь ничего нет" in answer.text
    assert 'href="/demo/">К подписке' in answer.text


async def test_there_is_no_demo_in_production(services: Services, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"billing_env": "prod"}), services)

    async with httpx.AsyncClient(transport=in_process(app), base_url="http://localhost:8000") as browser:
        answers = [await browser.get("/demo"), await browser.get("/demo/"), await pay(browser)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def become_pro(
    browser: httpx.AsyncClient, office: BackOffice, services: Services, plan: str = "PRO_MONTHLY"
) -> None:
    await pay(browser, plan)
    await office.pay(yookassa(await office.payments()), GOOD_CARD)
    await work_off(services)


async def pay(browser: httpx.AsyncClient, plan: str = "PRO_MONTHLY") -> httpx.Response:
    return await browser.post("/demo/pay", data={"plan_code": plan})


def yookassa(payments: list[dict[str, str]]) -> dict[str, str]:
    """The newest payment at the sandbox, as the back office wants it named."""
    return {"yookassa_payment_id": payments[0]["id"]}
