"""The panel on a port of its own, and a real browser that meets nobody else and has nothing to complain about."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page
from starlette.types import ASGIApp

from tests.admin.visitor import PASSWORD
from tests.ports import free_port

PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, lifespan="off", proxy_headers=False)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells it no other way)
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def at_the_panel(browser: Browser, address: str, name: str, **looks: object) -> AsyncIterator[Page]:
    """Somebody who has signed in. `looks` are the browser's own: its size, light or dark."""
    context: BrowserContext = await browser.new_context(locale="ru-RU", **looks)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
    page.on(
        "request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(address) else None
    )
    await page.goto(f"{address}/admin/")
    await page.get_by_label("Имя").fill(name)
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Войти").click()
    await page.wait_for_url(f"{address}/admin/")
    yield page
    await context.close()
    assert complaints == []


def _complains(said: ConsoleMessage) -> bool:
    """What a policy has blocked is an error too. An answer of 4xx is noted by the browser whatever the page does."""
    return said.type in {"error", "warning"} and "the server responded with a status of 4" not in said.text
