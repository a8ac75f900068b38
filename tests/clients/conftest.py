"""The Python client, connected to the real service."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billing_service.config import DEV_TOKEN, Settings
from eatfit24_billing import Billing, Guards, Journal, Retries
from tests.clients.backend import a_running_backend
from tests.clients.line import Line
from tests.events.receiver import SECRET
from tests.outside import Outside, a_running_service
from tests.ports import free_port
from tests.stage import MainBackend

HURRY = Retries(attempts=3, within=3, first_wait=0.001)


@pytest.fixture
def line(api: MainBackend) -> Line:
    return Line(api.transport_to)


@pytest.fixture
async def billing(line: Line) -> AsyncIterator[Billing]:
    async with Billing(
        "http://billing", DEV_TOKEN, transport=line, retries=replace(HURRY, attempts=4)
    ) as billing:
        yield billing


@pytest.fixture(scope="session")
def backend_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
async def running(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, backend_port: int
) -> AsyncIterator[Outside]:
    """Everything as processes of their own."""
    told = {"EVENTS_URL": f"http://127.0.0.1:{backend_port}/billing/events/", "EVENTS_SECRETS": SECRET}
    async with a_running_service(tmp_path_factory.mktemp("running"), settings, **told) as outside:
        yield outside


@pytest.fixture(scope="session")
async def backend(
    running: Outside, tmp_path_factory: pytest.TempPathFactory, backend_port: int
) -> AsyncIterator[str]:
    """The main backend, as the Django example is it."""
    async with a_running_backend(tmp_path_factory.mktemp("backend"), backend_port, running.url) as url:
        yield url


class Days:
    """The clock of a journal."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
async def another_process(
    billing: Billing, tmp_path: Path, days: Days
) -> AsyncIterator[Callable[[], Guards]]:
    """Guards of a further process of the same host."""
    opened: list[Guards] = []

    def one() -> Guards:
        opened.append(Guards(billing, Journal(tmp_path / "journal", now=days), patience=HURRY))
        return opened[-1]

    yield one
    for guards in opened:
        await guards.aclose()


@pytest.fixture
def guards(another_process: Callable[[], Guards]) -> Guards:
    return another_process()
