"""A whole sandbox over ASGI, a shop that talks to it and one that listens, and time that stands still."""

from collections.abc import AsyncIterator, Iterator

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.serving import Control, served
from tests.sandbox.shop import NOON, Listener, Shop


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def sandbox(listener: Listener) -> AsyncIterator[Sandbox]:
    """Frozen at noon of 11 January 2026; nothing is sent unless a test asks for it."""
    sandbox = Sandbox(
        notify_url="http://shop/notifications",
        base_url="http://sandbox",
        notify_transport=httpx.ASGITransport(app=listener),
    )
    sandbox.yookassa.clock.freeze()
    sandbox.yookassa.clock.turn_to(NOON)
    yield sandbox
    await sandbox.aclose()


@pytest.fixture
async def shop(sandbox: Sandbox) -> AsyncIterator[Shop]:
    async with Shop(sandbox) as shop:
        yield shop


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a sandbox serves over a real socket, for clients of other people."""
    with served() as address:
        yield address


@pytest.fixture
def control(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """The control API of that sandbox, which has just forgotten everything; no proxy stands before it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with httpx.Client(base_url=f"{address}/_sandbox", trust_env=False) as client:
        client.post("/reset").raise_for_status()
        yield Control(client)
