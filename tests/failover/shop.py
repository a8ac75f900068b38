"""A shop at work, as processes: the sandbox, workers and two APIs."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports

COMMAND = Path(sys.executable).with_name("billing-service")


class Shop(NamedTuple):
    fleet: Fleet
    apis: tuple[int, ...]
    sandbox: str


@asynccontextmanager
async def shop_at_work(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    workers: Sequence[str] = ("worker",),
    **environment: str,
) -> AsyncIterator[Shop]:
    """Until the end of the block. What the processes say is in `folder`."""
    sandbox, *apis = free_ports(3)
    async with AsyncExitStack() as stack:
        told = environment_for(database_url, redis_url, sandbox) | environment
        fleet = Fleet(stack, COMMAND, folder, told)
        notify_url = f"http://127.0.0.1:{apis[0]}/{WEBHOOK}"
        await fleet.start("sandbox", "sandbox", "--port", str(sandbox), "--notify-url", notify_url)
        for worker in workers:
            await fleet.start(worker, "worker")
        await asyncio.gather(*map(fleet.serve, apis))
        yield Shop(fleet, tuple(apis), f"http://127.0.0.1:{sandbox}")
