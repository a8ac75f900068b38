"""The real service, its real jobs and a pretend YooKassa in one process, on a clock that nobody waits for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from fastapi import FastAPI

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.background import Background
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.ratelimit import Limiter, Rate, Verdict
from billing_service.kit.redis import open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services, usage_slots
from billing_service.yookassa.client import YookassaClient
from simulation.control import Control
from simulation.loop import VirtualLoop
from simulation.numbers import Numbers
from simulation.receiver import Receiver
from simulation.scheduler import Process, Turns
from simulation.wires import ToProvider, ToService
from simulation.witness import Witness

BEGIN = datetime(2027, 3, 1, 5, tzinfo=UTC)
NOTIFY_URL = "http://billing/api/v1/billing/webhooks/yookassa"


@dataclass
class World:
    """What all who live in it share. `calm`: from now on nothing goes wrong any more. `holds_money`: the shop
    holds now and then what it was to take."""

    seed: int
    days: int
    users: int
    loop: VirtualLoop
    turns: Turns
    control: Control
    settings: Settings
    app: FastAPI
    witness: Witness = field(default_factory=Witness)
    receiver: Receiver = field(default_factory=Receiver)
    calm: bool = False
    holds_money: bool = False
    # How far the database's clock is from the right one.
    clock_error: timedelta = timedelta(0)
    work: asyncio.Event = field(default_factory=asyncio.Event)
    sandbox: Sandbox = field(init=False)
    api: Process = field(init=False)
    worker: Process = field(init=False)
    numbers: Numbers = field(init=False)
    _shown: tuple[float, timedelta] | None = None

    def __post_init__(self) -> None:
        self.numbers = Numbers(range(1, self.users + 1))

    def dice(self, whose: str) -> Random:
        """The same for the same seed, whatever the others throw."""
        return Random(f"{self.seed}:{whose}")  # noqa: S311 (a simulation)

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(microseconds=round(self.loop.time() * 1e6))

    @property
    def ends(self) -> datetime:
        return BEGIN + timedelta(days=self.days)

    def show_time(self) -> None:
        """Whatever is asked from now on is asked at this time."""
        moment = self.loop.time(), self.clock_error
        if moment != self._shown:
            self.control.show(self.now + self.clock_error)
            self._shown = moment

    async def until(self, moment: datetime) -> None:
        await asyncio.sleep(max((moment - self.now).total_seconds(), 0))

    @asynccontextmanager
    async def backend(self, whose: str) -> AsyncIterator[httpx.AsyncClient]:
        """The service as the main backend calls it."""
        transport = ToService(self, self.dice(f"line:{whose}"))
        headers = {"Authorization": f"Bearer {DEV_TOKEN}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://billing", headers=headers) as http:
            yield http

    @asynccontextmanager
    async def office(self) -> AsyncIterator[httpx.AsyncClient]:
        """The provider's side: payers at its pages, the shop's cabinet, the banks."""
        transport = httpx.ASGITransport(app=self.sandbox.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/_sandbox") as http:
            yield http

    def services(self, name: str) -> Services:
        """The collaborators of one process, new as after its start."""
        redis = open_redis(self.settings.redis_url)
        window = _WindowInTurn(
            RedisWindow(redis, prefix=f"simulation-{self.settings.database_url[-24:]}"), self
        )
        return Services(
            settings=self.settings,
            db=Database(self.settings.database_url, pool_size=10),
            yookassa=YookassaClient(
                shop_id=self.settings.shop_id,
                secret_key=self.settings.api_key.get_secret_value(),
                api_url=self.settings.yookassa_api_url,
                transport=ToProvider(self, self.dice(f"provider-line:{name}")),
            ),
            vault=Vault(self.settings.billing_encryption_keys),
            background=Background(),
            statements=StatementPool(self.settings.database_url, pool_size=10),
            usage_slots=usage_slots(),
            redis=redis,
            limiter=Limiter(window, now=self.loop.time),
        )


class _WindowInTurn:
    """Valkey counts by its own clock, by which a world lasts seconds: each hour of a world has windows of its own."""

    def __init__(self, window: RedisWindow, world: World) -> None:
        self._window, self._world = window, world

    async def take(self, key: str, rate: Rate) -> Verdict:
        hour = f"{self._world.now:%m-%d-%H}:{key}"
        return await self._world.turns.statement(None, lambda: self._window.take(hour, rate))


@asynccontextmanager
async def sandbox_of(world: World) -> AsyncIterator[Sandbox]:
    async with Sandbox(
        notify_url=NOTIFY_URL,
        notify_transport=ToService(world, world.dice("notifications"), is_notifier=True),
        seed=world.seed,
        real=lambda: world.now,
    ) as sandbox:
        world.sandbox = sandbox
        yield sandbox


class Lives:
    """Everybody who lives in a world: whoever fails ends it."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[Any]] = []

    def begin(self, life: Awaitable[object]) -> "asyncio.Task[Any]":
        async def live() -> object:
            return await life

        task = asyncio.get_running_loop().create_task(live())
        self._tasks.append(task)
        return task

    async def until_done(self, task: "asyncio.Task[Any]") -> None:
        """Wait for one of them; whoever fails meanwhile is raised."""
        while not task.done():
            watched = [one for one in self._tasks if not one.done()]
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for one in self._tasks:
                if one.done() and not one.cancelled() and (error := one.exception()):
                    raise error
        self._tasks = [one for one in self._tasks if not one.done()]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
