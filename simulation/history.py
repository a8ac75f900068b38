"""One seed from its first day to its last kopeck."""

import asyncio
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Self
from urllib.parse import urlsplit

from fastapi import FastAPI
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.config import DEV_EVENTS_SECRET, Settings
from billing_service.kit.http import httpx
from billing_service.schema import migrate
from simulation import checks, ledger, provider_faults, watching_logs
from simulation.connections import statements_in_turn
from simulation.control import CLOCK, LEFT_ALONE, control_of
from simulation.ledger import Figures
from simulation.line import Line
from simulation.loop import VirtualLoop, virtual_loop
from simulation.movers import Mover
from simulation.operators import Operators
from simulation.outages import kill_now_and_then, let_the_clock_err, lose_the_receiver
from simulation.people import Person
from simulation.processes import run_api, run_worker
from simulation.scheduler import Turns
from simulation.shopkeepers import Shopkeeper
from simulation.world import Lives, World, sandbox_of


@dataclass(frozen=True)
class History:
    """What became of a seed: its figures, how often what happened, and what must not have."""

    seed: int
    figures: Figures | None
    happened: Mapping[str, int]
    findings: list[str]
    seconds: float
    turns: int

    def as_dict(self) -> dict[str, object]:
        figures = self.figures and {name: str(value) for name, value in self.figures._asdict().items()}
        return vars(self) | {"figures": figures}


@dataclass(frozen=True)
class Stage:
    """Servers to play on. `template` is a database at head that each world gets a copy of."""

    database_url: str
    redis_url: str
    template: str

    @classmethod
    @contextmanager
    def on(cls, database_url: str, redis_url: str) -> Iterator[Self]:
        """In databases of our own on these servers, dropped at the end."""
        stage = cls(database_url, redis_url, f"simulation_{os.getpid()}")
        with control_of(database_url) as control:
            control.execute(f"CREATE DATABASE {stage.template}")
            try:
                migrate.upgrade(stage.address_of(stage.template))
                with control_of(stage.address_of(stage.template)) as inside:
                    inside.execute(CLOCK)
                    inside.execute(LEFT_ALONE)
                yield stage
            finally:
                control.execute(f"DROP DATABASE {stage.template} WITH (FORCE)")

    def address_of(self, database: str) -> str:
        return urlsplit(self.database_url)._replace(path=f"/{database}").geturl()

    def settings(self, database: str) -> Settings:
        return Settings(
            billing_env="dev",
            database_url=self.address_of(database),
            redis_url=self.redis_url,
            yookassa_shop_id_test="100500",
            yookassa_api_key_test="test_sandbox",
            yookassa_api_url="http://sandbox/v3",
            billing_recurring_enabled=True,
            events_url="http://localhost:9/events",
            events_secrets=(SecretStr(DEV_EVENTS_SECRET),),
        )


def application(stage: Stage) -> FastAPI:
    """One for all worlds: what differs is whose services it is given."""
    return create_app(stage.settings("nowhere"))


def live_through(stage: Stage, app: FastAPI, seed: int, *, days: int, users: int, hostile: bool) -> History:
    """The whole history of a seed. Whatever goes wrong in it stands in its findings."""
    began = time.monotonic()
    with (
        _database(stage) as name,
        control_of(stage.address_of(name)) as control,
        _one_randomness(seed),
        virtual_loop() as loop,
    ):
        turns = Turns(Random(f"{seed}:turns"), control)  # noqa: S311 (a simulation)
        world = World(seed, days, users, loop, turns, control, stage.settings(name), app)
        loop.turns = turns
        watching_logs.tell(world.witness)
        with statements_in_turn(turns, world.show_time):
            figures = _live(loop, world, hostile=hostile)
        return History(
            seed=seed,
            figures=figures,
            happened=dict(sorted(world.witness.happened.items())),
            findings=world.witness.findings,
            seconds=time.monotonic() - began,
            turns=turns.taken,
        )


def _live(loop: VirtualLoop, world: World, *, hostile: bool) -> Figures | None:
    try:
        return loop.run_until_complete(_play(world, hostile=hostile))
    except checks.Violated:
        return None


@contextmanager
def _database(stage: Stage) -> Iterator[str]:
    name = f"{stage.template}_{time.monotonic_ns()}"
    with control_of(stage.database_url) as control:
        control.execute(f"CREATE DATABASE {name} TEMPLATE {stage.template} STRATEGY file_copy")
        control.execute(f"ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan")
        try:
            yield name
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _one_randomness(seed: int) -> Iterator[None]:
    """Ids and pauses too come from the seed: what is sorted by an id is sorted the same each time."""
    dice, before = Random(f"{seed}:ids"), os.urandom  # noqa: S311 (a simulation)
    random.seed(f"{seed}:pauses")
    os.urandom = dice.randbytes
    try:
        yield
    finally:
        os.urandom = before


async def _play(world: World, *, hostile: bool) -> Figures:
    lives = Lives()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(sandbox_of(world))
        office = await stack.enter_async_context(world.office())
        try:
            lives.begin(run_api(world, world.dice("api")))
            lives.begin(run_worker(world, world.dice("worker process")))
            lives.begin(checks.check_each_hour(world))
            await asyncio.sleep(1)
            spoiling: list[asyncio.Task[object]] = []
            if hostile:
                provider_faults.let_the_provider_err(world)
                world.holds_money = True
                spoiling = [
                    lives.begin(kill_now_and_then(world, world.dice("kills"))),
                    lives.begin(lose_the_receiver(world, world.dice("receiver outages"))),
                    lives.begin(let_the_clock_err(world, world.dice("clock"))),
                ]
            else:
                world.calm = True
            people: dict[int, Person] = {}
            for number in range(1, world.users + 1):
                people[number] = await _person(world, number, office, stack)
                lives.begin(people[number].live())
            desk = Operators(
                world, world.dice("operators"), await _line(world, "operators", None, stack), office
            )
            lives.begin(desk.live())
            lives.begin(_shopkeeper(world, stack))
            mover = Mover(world, world.dice("mover"), await _line(world, "mover", None, stack), people)
            lives.begin(mover.live())
            await lives.until_done(lives.begin(world.until(world.ends)))
            await lives.until_done(lives.begin(_settle(world, spoiling)))
            checks.check(world)
            return ledger.compare(world)
        finally:
            await lives.end()


async def _settle(world: World, spoiling: Sequence["asyncio.Task[object]"]) -> None:
    """Nothing goes wrong any more: let everything come to its end."""
    for one in spoiling:
        one.cancel()
    provider_faults.note_struck(world)
    world.calm, world.receiver.is_down, world.clock_error = True, False, timedelta(0)
    world.api.doomed_in = world.worker.doomed_in = None
    world.sandbox.yookassa.state.rules.clear()
    await asyncio.sleep(timedelta(days=4).total_seconds())


async def _line(world: World, whose: str, user: int | None, stack: AsyncExitStack) -> Line:
    http = await stack.enter_async_context(world.backend(whose))
    return Line(world, http, world.dice(f"patience:{whose}"), user)


async def _shopkeeper(world: World, stack: AsyncExitStack) -> None:
    line = await _line(world, "shopkeeper", None, stack)
    await Shopkeeper(world, world.dice("shopkeeper"), line).live()


async def _person(world: World, user: int, office: httpx.AsyncClient, stack: AsyncExitStack) -> Person:
    dice = world.dice(f"user:{user}")
    line = await _line(world, f"user:{user}", user, stack)
    return Person(world, user, dice, line, office, keenness=dice.uniform(0.05, 0.3))
