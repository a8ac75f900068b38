"""The API page as a frontend developer uses it: authorize once, then execute everything as it stands."""

import re
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from billing_service.config import DEV_TOKEN
from tests.demo.running import RunningDev
from tests.shown import NOT_YET, OPERATIONS, Operation


def fields_of(operation: Operation) -> frozenset[str]:
    """The kinds of fields that the page has to fill in for it."""
    kinds = {f"{one['in']} {sorted(one['schema'])}" for one in operation.says.get("parameters", ())}
    return frozenset(kinds | {"body"} if operation.body is not None else kinds)


def chosen() -> Sequence[Operation]:
    """As few as have every kind: all of them are executed in tests/test_openapi_examples.py, which needs no browser."""
    few: list[Operation] = []
    left = frozenset[str]().union(*map(fields_of, OPERATIONS.values()))
    while left:
        few.append(max(OPERATIONS.values(), key=lambda operation: len(fields_of(operation) & left)))
        left -= fields_of(few[-1])
    return few


@pytest.fixture
async def page(chromium: Browser, dev: RunningDev) -> AsyncIterator[Page]:
    """Somebody who has entered the token; their browser meets nobody but us."""
    context = await chromium.new_context()
    context.set_default_timeout(30_000)
    hosts: set[str | None] = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page = await context.new_page()
    await page.goto(f"{dev.url}/docs")
    await page.locator("button.authorize").first.click()
    await page.locator("#auth-bearer-value").fill(DEV_TOKEN)
    await page.get_by_role("button", name="Apply credentials").click()
    await page.get_by_role("button", name="Close", exact=True).click()
    yield page
    await context.close()
    assert hosts <= {"localhost", None}  # None: what the page holds within itself


# On a developer's machine renewals are on: a card can be bound by whoever has agreed to that, and who never bought has
# nothing to renew.
WITH_RENEWALS = {"set_autorenew": 400, "start_card_binding": 422}


@pytest.mark.timeout(300)  # some seconds on an idle machine, and a page that redraws everything on a busy one
async def test_an_operation_is_executed_from_the_page_as_it_stands(page: Page) -> None:
    answered = {operation.name: await executed(page, operation) for operation in chosen()}

    assert len(answered) >= 5
    assert answered == {operation.name: expected(operation) for operation in chosen()}


def expected(operation: Operation) -> int:
    if operation.name in WITH_RENEWALS:
        return WITH_RENEWALS[operation.name]
    if operation.name in NOT_YET:
        return NOT_YET[operation.name][0]
    return int(min(operation.says["responses"]))


async def executed(page: Page, operation: Operation) -> int:
    """The status that the page shows after "Try it out" and "Execute"."""
    (group,) = operation.says["tags"]
    place = page.locator(f"#operations-{group.replace(' ', '_')}-{operation.name}")
    head = place.locator(".opblock-summary-control")
    await head.click()
    await place.get_by_role("button", name="Try it out").click()
    await place.get_by_role("button", name="Execute").click()
    status = place.locator(".live-responses-table .response .response-col_status")
    await expect(status).to_have_text(re.compile(r"^\d{3}"))
    answered = int((await status.inner_text())[:3])
    # A page with everything unfolded grows slow.
    await head.click()
    return answered
