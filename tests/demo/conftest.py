"""A real browser, and the one command of dev mode running for it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import browser
from tests.demo.running import RunningDev
from tests.demo.visitor import Visitor
from tests.ports import free_ports

# How soon a page turns is for one test to measure; the others only want it to.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with browser.chromium() as running:
        yield running


# Of each module its own: on the API page every operation is executed, also one that changes a price.
@pytest.fixture(scope="module")
def dev(chromium: Browser) -> Iterator[RunningDev]:  # noqa: ARG001 (nothing to start when it is missing)
    # Not pytest's own temporary folder: root lends the servers to an account that cannot enter there.
    with tempfile.TemporaryDirectory(prefix="billing-service-test-") as folder:
        Path(folder).chmod(0o755)
        port, sandbox_port = free_ports(2)
        running = RunningDev(Path(folder), port, sandbox_port)
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
async def visitor(
    request: pytest.FixtureRequest, chromium: Browser, dev: RunningDev
) -> AsyncIterator[Visitor]:
    """Whoever it is, their browser meets nobody but us and has nothing to complain about. Parameter: scripts run."""
    context = await chromium.new_context(locale="ru-RU", java_script_enabled=getattr(request, "param", True))
    context.set_default_timeout(30_000)
    visitor = Visitor(await context.new_page(), dev.url)
    visitor.watch()
    yield visitor
    await context.close()
    assert visitor.hosts == {"localhost"}
    assert visitor.complaints == []
