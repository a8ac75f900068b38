"""The pages in a real browser, on a real port."""

import os
from collections.abc import AsyncIterator, Iterator

import httpx2 as httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, expect

from tests.browser import chromium
from tests.sandbox.serving import served
from tests.sandbox.shop import Json, a_request

expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """A browser that may talk to the sandbox only, and must not complain."""
    complaints: list[str] = []
    strangers: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(locale="ru-RU")
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
        page.on(
            "request", lambda asked: strangers.append(asked.url) if _foreign(asked.url, address) else None
        )
        yield page
    assert (complaints, strangers) == ([], [])


def _complains(said: ConsoleMessage) -> bool:
    """An answer of 409 is what a button that cannot work gets; the browser notes it whatever the page does."""
    return said.type == "error" and "status of 409" not in said.text


def _foreign(url: str, address: str) -> bool:
    return not url.startswith((address, "data:"))


async def a_payment(address: str, **changes: object) -> Json:
    confirmation = {"type": "redirect", "return_url": f"{address}/?order=A17"}
    async with httpx.AsyncClient(auth=("100500", "test_sandbox"), trust_env=False) as shop:
        response = await shop.post(
            f"{address}/v3/payments",
            json=a_request(**{"confirmation": confirmation} | changes),
            headers={"Idempotence-Key": os.urandom(8).hex()},
        )
    payment: Json = response.json()
    return payment


async def test_a_payer_passes_3d_secure_and_is_sent_back(address: str, page: Page) -> None:
    payment = await a_payment(address)
    await page.goto(payment["confirmation"]["confirmation_url"])
    await page.get_by_role("button", name="•••• 4804").click()
    await page.get_by_role("button", name="Подтвердить").click()
    await page.wait_for_url("**/?order=A17")

    await page.goto(payment["confirmation"]["confirmation_url"])

    await expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено")


async def test_the_page_lives_and_its_buttons_work(address: str, page: Page) -> None:
    await page.goto(address)
    payment = await a_payment(address, description="Появился сам")
    card = page.locator(f"[data-key='{payment['id']}']")
    await expect(card).to_be_visible()
    await card.locator("summary").first.click()
    await card.get_by_role("button", name="Оплатить").click()

    await expect(card.locator("summary .state").first).to_have_text("оплачен")
    await card.get_by_label("Сумма возврата").fill("100")
    await card.get_by_role("button", name="Вернуть").click()

    await expect(card.locator("summary").first).to_contain_text("возвращено 100,00")
    await expect(card).to_have_attribute("open", "")


async def charged(address: str, method: str) -> Json:
    return await a_payment(address, payment_method_id=method, confirmation=None)


async def test_a_saved_card_is_declined_for_the_chosen_reason_until_it_may_be_charged_again(
    address: str, page: Page
) -> None:
    kept = await a_payment(address, save_payment_method=True)
    async with httpx.AsyncClient(trust_env=False) as payer:
        await payer.post(f"{address}/_sandbox/payments/{kept['id']}/pay", json={"card": "5555555555554444"})
    await page.goto(address)
    method = page.locator(".panel:not(.list)", has=page.get_by_text(kept["id"], exact=True))
    await expect(method).to_contain_text("Списания проходят.")

    await method.get_by_label("Почему отклонять списания").select_option("card_expired")
    await method.get_by_role("button", name="Отклонять списания").click()

    await expect(method).to_contain_text("Списания будут отклонены: Срок действия карты истёк.")
    declined = await charged(address, kept["id"])
    assert (declined["status"], declined["cancellation_details"]["reason"]) == ("canceled", "card_expired")
    await method.get_by_role("button", name="Снова списывать").click()
    await expect(method).to_contain_text("Списания проходят.")
    assert (await charged(address, kept["id"]))["status"] == "succeeded"


async def test_a_search_shows_what_it_found_and_goes_on_showing_only_that(address: str, page: Page) -> None:
    wanted = await a_payment(address, metadata={"payment_id": f"ours-{os.urandom(4).hex()}"})
    await page.goto(address)
    await page.get_by_role("searchbox").fill(wanted["metadata"]["payment_id"])
    await page.get_by_role("button", name="Найти").click()
    cards = page.locator("details.payment")
    await expect(cards).to_have_count(1)
    await expect(cards).to_have_attribute("open", "")

    await a_payment(address, description="Не тот")
    await cards.get_by_role("button", name="Оплатить").click()

    await expect(cards.locator("summary .state").first).to_have_text("оплачен")
    async with page.expect_response(lambda response: "?q=" in response.url):
        pass  # the page looks again by itself
    await expect(cards).to_have_count(1)


async def test_a_switch_turns_over(address: str, page: Page) -> None:
    await page.goto(address)
    switch = page.get_by_role("switch", name="Ещё одна попытка")
    await expect(switch).not_to_be_checked()

    await switch.click()

    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()


async def test_a_button_that_cannot_work_says_why(address: str, page: Page) -> None:
    payment = await a_payment(address)
    await page.goto(address)
    card = page.locator(f"[data-key='{payment['id']}']")
    await card.locator("summary").first.click()
    await card.get_by_role("button", name="Оплатить").click()
    await card.get_by_label("Сумма возврата").fill("много")
    async with page.expect_response(lambda response: response.status == 409):
        await card.get_by_role("button", name="Вернуть").click()

    await expect(page.get_by_role("alert")).to_contain_text("сумма не понятна")


@pytest.mark.parametrize("width", [320, 375, 1200])
async def test_with_everything_unfolded_no_page_is_wider_than_the_screen(
    address: str, page: Page, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await a_payment(address, description="Очень долгая подписка на полгода вперёд")
    paid = await a_payment(address)
    async with httpx.AsyncClient(auth=("100500", "test_sandbox"), trust_env=False) as control:
        await control.get(f"{address}/v3/payments", params={"created_at.gte": "2026-01-11T12:00:00.000Z"})
        await control.post(f"{address}/_sandbox/payments/{paid['id']}/pay", json={"card": "5555555555554444"})
        fault = {"operation": "notification", "fault": "wrong_amount", "count": 1}
        await control.put(f"{address}/_sandbox/faults", json=[fault])
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    await page.goto(address)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    people = await page.evaluate(overflow)
    await page.goto(f"{address}/pay/{paid['id']}")

    assert (people, await page.evaluate(overflow)) == (0, 0)
