"""Support's day in a real browser: find, understand, look again, give days, send money back, charge no more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.staff.roles import Role
from tests.admin.browsing import PHONE, at_the_panel, serving
from tests.admin.visitor import hire, with_panel
from tests.browser import chromium
from tests.ledger import rows, value
from tests.payment_methods.cards import keep_a_card
from tests.stage import USER, BackOffice, MainBackend, work_off

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDER_THAN_THE_FORM = """
    [...document.querySelectorAll("form.act label *")].filter(
        (one) => one.getBoundingClientRect().right > one.closest("form").getBoundingClientRect().right).length
"""
TAB_IN_SIGHT = "document.querySelector('.tabs [aria-current]').getBoundingClientRect().right <= innerWidth"
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def services(services: Services) -> Services:
    """Of a shop that keeps cards and renews."""
    settings = services.settings.model_copy(update={"billing_recurring_enabled": True})
    return replace(services, settings=settings)


@pytest.fixture
async def paid(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    """A user who has bought a month and kept his card."""
    return await keep_a_card(api, office, services)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts, on a phone"])
@pytest.mark.timeout(120)
async def test_a_day_of_support(
    browser: Browser, paid: dict[str, Any], services: Services, database: Database, scripts: bool
) -> None:
    served = with_panel(services)
    await hire(served, "marina", Role.FINANCE)
    looks = {} if scripts else {"viewport": PHONE, "java_script_enabled": False, "color_scheme": "dark"}
    async with (
        serving(create_app(served.settings, served)) as address,
        at_the_panel(browser, address, "marina", **looks) as page,
    ):
        # Finds the user by YooKassa's number, and reads why PRO ends when it ends.
        await page.get_by_role("searchbox").first.fill(paid["yookassa_payment_id"])
        await page.get_by_role("button", name="Найти").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Платёж")
        await page.get_by_role("link", name=str(USER), exact=True).first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Пользователь {USER}")
        await expect(page.locator(".now")).to_contain_text("Сейчас PRO («PRO месяц») до")
        await expect(page.locator(".now")).to_contain_text("по оплате 299 ₽")

        # Has the notification looked at again.
        await page.goto(f"{address}/admin/notifications?q={paid['yookassa_payment_id']}")
        await page.get_by_role("link", name="Открыть").first.click()
        await act(page, "Проверить ещё раз")
        await work_off(services)

        # Gives three days, sends the money back, and has nothing charged any more.
        await page.goto(f"{address}/admin/users/{USER}")
        await act(page, "Подарить дни", days="3")
        await page.get_by_role("link", name="К пользователю").click()
        await act(page, "Вернуть деньги")
        await work_off(services)
        await page.goto(f"{address}/admin/users/{USER}")
        await act(page, "Больше не списывать")
        await page.get_by_role("link", name="К пользователю").click()
        await expect(page.locator(".timeline")).to_contain_text("подарено 3 дня (marina: сбой 4711)")
        assert scripts is False or await page.evaluate(OVERFLOW) == 0

    done = await rows(database, "SELECT action, author, reason, caller FROM audit_log ORDER BY id")
    assert [(one["action"], one["author"], one["reason"]) for one in done if one["caller"] == "panel"] == [
        (action, "marina", "сбой 4711")
        for action in ("webhook.replayed", "grant.given", "refund.started", "payment_method.refused")
    ]
    assert await value(database, "SELECT count(*) FROM grants") == 1
    assert await value(database, "SELECT sum(amount) FROM refunds WHERE status = 'SUCCEEDED'") == 299
    assert await value(database, "SELECT count(*) FROM refunds") == 1
    assert await value(database, "SELECT count(*) FROM payment_method_refusals") == 1
    assert await value(database, "SELECT count(*) FROM payment_methods WHERE status = 'ACTIVE'") == 0


async def act(page: Page, button: str, *, days: str = "") -> None:
    """What the button of that name leads to: a reason, a look at what would be, a double click, and the word of it."""
    await page.get_by_role("link", name=button).first.click()
    if days:
        await page.get_by_label("Сколько дней").fill(days)
    await page.get_by_label("Причина").fill("сбой 4711")
    await page.get_by_role("button", name="Посмотреть, что будет").click()
    await expect(page.get_by_text("Пока ничего не изменилось")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("marina")
    await page.get_by_role("button", name=button).dblclick()
    await expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.timeout(120)
async def test_a_day_of_the_owner(
    browser: Browser, paid: dict[str, Any], api: MainBackend, services: Services, database: Database
) -> None:
    """Lets somebody in, makes an outage good and takes it back, answers who wants his money, and forgets him."""
    served = with_panel(services)
    await hire(served, "boss", Role.OWNER)
    await api.post(f"payments/{paid['payment_id']}/refund-request/", {"reason": "не пользуюсь"})
    case = await value(database, "SELECT id FROM refund_requests")
    async with (
        serving(create_app(served.settings, served)) as address,
        at_the_panel(browser, address, "boss", viewport=PHONE, color_scheme="dark") as page,
    ):
        await page.goto(f"{address}/admin/people")
        assert await page.evaluate(TAB_IN_SIGHT)
        await page.get_by_role("link", name="Завести запись").click()
        await page.get_by_label("Имя").fill("anna")
        await act_on(page, "Завести запись", Пароль="лошадь батарея скрепка")
        await page.goto(f"{address}/admin/batches")
        await page.get_by_role("link", name="Подарить дни многим").click()
        await page.get_by_label("Название").fill("сбой 4711")
        await page.get_by_label("Кому").fill("2001 2002\n2003")
        await page.get_by_label("Сколько дней").fill("3")
        await act_on(page, "Подарить дни многим")
        await page.get_by_role("link", name="К этому подарку").click()
        await page.get_by_role("link", name="Отозвать у всех").click()
        await act_on(page, "Отозвать у всех")
        assert await page.evaluate(OVERFLOW) == 0
        await page.goto(f"{address}/admin/acts/resolve-payment?subject={paid['payment_id']}")
        assert await page.evaluate(WIDER_THAN_THE_FORM) == 0
        await page.goto(f"{address}/admin/refund-requests/{case}")
        await page.get_by_role("link", name="Отказать").click()
        await act_on(page, "Отказать")
        await page.goto(f"{address}/admin/users/{USER}")
        await page.get_by_role("link", name="Стереть данные").click()
        await act_on(page, "Стереть данные", Чтобы=str(USER))

    done = await rows(
        database, "SELECT DISTINCT action FROM audit_log WHERE caller = 'panel' ORDER BY action"
    )
    assert [one["action"] for one in done] == [
        *("grant.given", "grant.revoked", "grant_batch.begun", "grant_batch.revoked"),
        *("refund_request.refused", "staff.added", "user.erased"),
    ]


async def act_on(page: Page, button: str, **beside: str) -> None:
    """From a filled form on; `beside` the button is typed what is asked for there, by the first word of its label."""
    await page.get_by_label("Причина").fill("сбой 4711")
    await page.get_by_role("button", name="Посмотреть, что будет").click()
    for label, text in beside.items():
        await page.get_by_label(label).fill(text)
    await page.get_by_role("button", name=button).dblclick()
    await expect(page.get_by_role("status")).to_be_visible()
