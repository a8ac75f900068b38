"""What goes wrong beside the provider: processes are killed, the receiver is down, the database's clock errs."""

import asyncio
from datetime import timedelta
from random import Random

from simulation.world import World

DAY = 86400.0
KILLS_EVERY, DOWN_EVERY, CLOCK_EVERY = 1.5 * DAY, 8 * DAY, 10 * DAY
# Two clocks that agree so far are right; more than a few minutes no server's clock is off for long.
CLOCK_ERRS_AT_MOST = timedelta(minutes=8)


async def kill_now_and_then(world: World, dice: Random) -> None:
    """So many statements from now, in the middle of whatever is being done then."""
    while True:
        await asyncio.sleep(dice.expovariate(1 / KILLS_EVERY))
        process = dice.choice((world.api, world.worker))
        if not process.is_dead:
            process.doomed_in = dice.randint(1, 60)


async def lose_the_receiver(world: World, dice: Random) -> None:
    while True:
        await asyncio.sleep(dice.expovariate(1 / DOWN_EVERY))
        world.receiver.is_down = True
        await asyncio.sleep(dice.uniform(600, 2 * DAY))
        world.receiver.is_down = False


async def let_the_clock_err(world: World, dice: Random) -> None:
    """The database's clock jumps, ahead or back, and later to where it should be."""
    most = CLOCK_ERRS_AT_MOST.total_seconds()
    while True:
        await asyncio.sleep(dice.expovariate(1 / CLOCK_EVERY))
        world.witness.note("fault: clock jumped")
        world.clock_error = timedelta(seconds=dice.uniform(-most, most))
        await asyncio.sleep(dice.uniform(600, 8 * 3600))
        world.clock_error = timedelta(0)
