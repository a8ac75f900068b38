"""A real browser, and the one command of dev mode running for it."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.demo.running import RunningDev
from tests.demo.visitor import Visitor
from tests.ports import free_ports

# How soon a page turns is for one test to measure; the others only want it to.
expect.set_options(timeout=30_000)
# No sandbox: tests run as root too. The rest keeps the browser itself from talking to anybody.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium. Without it these tests are skipped, but never in CI."""
    program = shutil.which("chromium")
    if program is None:
        reason = "there is no chromium on this machine (on Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        await browser.close()


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
