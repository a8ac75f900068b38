"""Somebody at the demo, with a browser."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Locator, Page, Request


@dataclass
class Visitor:
    """What they do, and what their browser does behind their back."""

    page: Page
    home: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.context.on("request", self._note_host)
        self.page.context.on("console", self._note_complaint)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_host(self, request: Request) -> None:
        if host := urlsplit(request.url).hostname:  # none in a data: address
            self.hosts.add(host)

    def _note_complaint(self, message: ConsoleMessage) -> None:
        # One photo too many is a 429, what is no address a 400; the browser notes that whatever the page does.
        is_refusal = "status of 429" in message.text or "status of 400" in message.text
        if message.type in {"error", "warning"} and not is_refusal:
            self.complaints.append(message.text)

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def verdict(self) -> Locator:
        return self.page.get_by_role("status")

    async def arrive(self) -> None:
        """As a user whom the service has never seen."""
        await self.page.goto(f"{self.home}/demo/")
        await self.page.locator("summary").click()
        await self._press("Новый пользователь")

    async def leave(self) -> None:
        """No page is open that asks for what is new, of a service that is away."""
        await self.page.goto("about:blank")

    async def come_back(self) -> None:
        await self.page.goto(f"{self.home}/demo/")

    async def choose(self, price: str) -> None:
        await self.page.get_by_role("button", name=f"Оплатить {price}").click()

    async def take_photo(self) -> None:
        await self._press("Сделать фото")

    async def let_pass(self, days: str) -> None:
        await self._press(f"+{days}")

    async def _press(self, name: str) -> None:
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=name).click()

    async def use_card(self, last4: str) -> None:
        await self.page.get_by_role("button", name=f"•••• {last4}").click()

    async def come_back_without_paying(self) -> None:
        await self.page.get_by_role("link", name="Вернуться в магазин").click()

    async def pay_in_another_window(self, last4: str) -> None:
        link = await self.page.get_by_role("link", name="Вернуться к оплате").get_attribute("href")
        other = Visitor(await self.page.context.new_page(), self.home)
        await other.page.goto(link or "")
        await other.use_card(last4)

    async def send_receipts_to(self, address: str) -> None:
        await self.page.get_by_label("Электронная почта").fill(address)
        await self._press("Перейти к оплате")

    async def refund_in_the_cabinet(self, sandbox_url: str) -> None:
        """All of the newest payment, as somebody at the shop would."""
        other = await self.page.context.new_page()
        await other.goto(sandbox_url)
        newest = other.locator("details.payment").first
        await newest.locator("summary").first.click()
        await newest.get_by_role("button", name="Вернуть").click()
        await other.close()

    async def wait_until_shown(self, page: str, text: str) -> None:
        """That page does not turn by itself: it is looked at again and again."""
        for _ in range(60):
            await self.page.goto(page)
            if await self.page.get_by_text(text, exact=True).is_visible():
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"{text} is not shown")

    async def go_home(self) -> None:
        await self.page.get_by_role("link", name="К подписке").click()
