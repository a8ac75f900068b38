"""A world for one flow: its own provider and receiver of events, the emptied database, the ways to other processes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.config import Settings
from billing_service.kit.background import Background
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.kit.ratelimit import Limiter
from billing_service.kit.redis import open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services, usage_slots
from billing_service.yookassa.client import YookassaClient
from tests.bad_days.processes import listening
from tests.crash_points.comeback import Comeback, come_back
from tests.crash_points.mortals import Death, Life, Mortals
from tests.crash_points.points import Point
from tests.crash_points.world import Flow, World
from tests.events.receiver import Receiver, receiving, told_of
from tests.ledger import value
from tests.put_back import put_back
from tests.stage import BackOffice, Clock, MainBackend, WebApp, in_process, noon, that_renews


@dataclass(frozen=True)
class Ground:
    """What all worlds stand on, one after the other."""

    settings: Settings
    database: Database
    statements: StatementPool
    mortals: Mortals

    @asynccontextmanager
    async def world(self) -> AsyncIterator[tuple[World, str]]:
        """Nothing has happened in it; and where its provider listens."""
        async with self.database.engine.begin() as connection:
            await put_back(connection)
        async with AsyncExitStack() as stack:
            web = WebApp()
            notify_url = "http://billing/api/v1/billing/webhooks/yookassa"
            sandbox = await stack.enter_async_context(
                Sandbox(notify_url=notify_url, notify_transport=in_process(web), retry_scale=0.001)
            )
            receiver = await stack.enter_async_context(receiving())
            provider = await stack.enter_async_context(listening(sandbox))
            services = await stack.enter_async_context(self._services(sandbox, receiver))
            web.app = create_app(services.settings, services)
            api = await stack.enter_async_context(MainBackend.calling(web))
            office = await stack.enter_async_context(BackOffice.of(sandbox))
            await charging.follow_setting(services)
            world = World(api, office, services, Clock(self.database), self.database, receiver=receiver)
            await _noon(world)
            yield world, provider

    @asynccontextmanager
    async def _services(self, sandbox: Sandbox, receiver: Receiver) -> AsyncIterator[Services]:
        redis = open_redis(self.settings.redis_url)
        client = YookassaClient(
            shop_id=self.settings.shop_id,
            secret_key=self.settings.api_key.get_secret_value(),
            api_url=self.settings.yookassa_api_url,
            transport=in_process(sandbox.app),
            waits=(0.01, 0.03),
        )
        services = Services(
            settings=self.settings,
            db=self.database,
            yookassa=client,
            vault=Vault(self.settings.billing_encryption_keys),
            background=Background(),
            statements=self.statements,
            usage_slots=usage_slots(),
            redis=redis,
            limiter=Limiter(RedisWindow(redis, prefix=f"test-{uuid4().hex}")),
        )
        try:
            yield that_renews(told_of(services, receiver))
        finally:
            await services.background.drain(5)
            await client.aclose()
            await redis.aclose()

    async def play(
        self, world: World, provider: str, flow: Flow, fatal: Point | None, comeback: Comeback
    ) -> Death:
        """The flow, in which a process dies at this point (None: it does all of it), and what follows."""
        await flow.stage(world)
        told = {"yookassa_api_url": provider, "redis_key_prefix": f"test-{uuid4().hex}"}
        settings = world.services.settings.model_copy(update=told)
        death = await self.mortals.live(
            Life(flow.name, world.facts, settings, provider.removesuffix("/v3"), fatal)
        )
        await come_back(world, flow, comeback)
        return death


async def _noon(world: World) -> None:
    """Here and at the provider, so that no midnight comes in between."""
    began = await value(world.database, "SELECT billing_now()")
    await noon(world.database, world.clock)
    later = (await value(world.database, "SELECT billing_now()")) - began
    await world.office.call("POST", "/clock", {"advance_seconds": later.total_seconds()})
