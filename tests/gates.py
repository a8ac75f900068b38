"""A provider whose answers are held back until a test lets them go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from billing_service.kit.http import httpx
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from tests.stage import BackOffice, in_process


class Gate(httpx.AsyncBaseTransport):
    """The provider has decided; its answer is on its way until the gate is opened."""

    def __init__(self, provider: httpx.AsyncBaseTransport) -> None:
        self.provider = provider
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.provider.handle_async_request(request)
        self.reached.set()
        await self.opened.wait()
        return response


@asynccontextmanager
async def behind_a_gate(
    services: Services, office: BackOffice, *, secret_key: str | None = None
) -> AsyncIterator[tuple[Services, Gate]]:
    """The same services, for which every answer of the provider waits at a gate."""
    gate = Gate(in_process(office.sandbox.app))
    settings = services.settings
    async with YookassaClient(
        shop_id=settings.shop_id,
        secret_key=secret_key or settings.api_key.get_secret_value(),
        api_url=settings.yookassa_api_url,
        transport=gate,
    ) as client:
        yield replace(services, yookassa=client), gate
