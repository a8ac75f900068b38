"""The processes of the service: started, killed wherever they are, started again."""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from billing_service.services import Services
from simulation.jobs import Worker
from simulation.scheduler import Process
from simulation.world import World


async def run_api(world: World, dice: Random) -> None:
    """The API: its requests are its tasks."""

    async def serve(process: Process, services: Services) -> None:
        world.app.state.services = services
        world.api = process
        await process.died.wait()

    await _keep_running(world, dice, "api", serve)


async def run_worker(world: World, dice: Random) -> None:
    async def work(process: Process, services: Services) -> None:
        world.worker = process
        process.start(Worker(world, services, world.dice("worker")).run())
        await process.died.wait()

    await _keep_running(world, dice, "worker", work)


async def _keep_running(
    world: World, dice: Random, name: str, live: Callable[[Process, Services], Coroutine[Any, Any, None]]
) -> None:
    while True:
        process = Process(name)
        services = world.services(name)
        try:
            await live(process, services)
        except asyncio.CancelledError:
            process.die()
            await _buried(world, process)
            raise
        world.witness.note(f"fault: {name} killed")
        await _buried(world, process)
        # What the machine gave it is given back; nothing of it is said to anybody.
        await asyncio.sleep(dice.choice((0.5, 3, 20, 600)))


async def _buried(world: World, process: Process) -> None:
    """What it had not committed is undone, and nothing of it runs any more."""
    world.control.end(process.backends)
    while process.tasks:
        await asyncio.wait(list(process.tasks))
