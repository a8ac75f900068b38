"""Processes that live through one act each, and may die in it: forks of one that has loaded the service and waits."""

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from billing_service.services import open_services
from tests.crash_points.flows import FLOWS
from tests.crash_points.points import Point, Watch, put_over
from tests.crash_points.world import World
from tests.forked import FORKS
from tests.stage import BackOffice, Clock, MainBackend

# Whoever hangs is ended, and it is told by which signal.
LIVES_FOR = 120


class Life(NamedTuple):
    """What one process is to do: a flow's act, until the point where it dies."""

    flow: str
    facts: dict[str, object]
    settings: Settings
    provider: str
    fatal: Point | None


class Death(NamedTuple):
    """What it came by, which signal ended it, or else with which status it did, and what it said."""

    points: Sequence[Point]
    signal: int
    status: int
    said: str


@dataclass(frozen=True)
class Mortals:
    """The process that waits, and the way to it."""

    to: Connection
    folder: Path

    async def live(self, life: Life) -> Death:
        written, said = self.folder / "points", self.folder / "said"
        await asyncio.to_thread(self.to.send, (life, str(written), str(said)))
        status: int = await asyncio.to_thread(self.to.recv)
        points = [Point(*json.loads(line)) for line in written.read_text().splitlines()]
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Death(points, killed, os.WEXITSTATUS(status), said.read_text())


@asynccontextmanager
async def mortals(folder: Path) -> AsyncIterator[Mortals]:
    """As long as the block lasts."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=_wait_for_lives, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Mortals(ours, folder)
    finally:
        ours.close()
        await asyncio.to_thread(process.join, 10)
        process.kill()


def _wait_for_lives(parent: Connection) -> None:
    """It has no loop and no thread of its own, so that a fork of it is whole."""
    while True:
        try:
            life, written, said = parent.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            _live(life, written, said)
        _, status = os.waitpid(child, 0)
        parent.send(status)


def _live(life: Life, written: str, said: str) -> None:
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    spoken = os.open(said, new)
    os.dup2(spoken, 1)
    os.dup2(spoken, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    signal.alarm(LIVES_FOR)
    put_over(Watch(os.open(written, new), life.fatal))
    status = 0
    try:
        asyncio.run(_act(life))
    except BaseException:  # noqa: BLE001 (it is told, and the process ends)
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    os._exit(status)


async def _act(life: Life) -> None:
    [flow] = [one for one in FLOWS if one.name == life.flow]
    async with open_services(life.settings) as services:
        app = create_app(life.settings, services)
        database = Database(life.settings.database_url, pool_size=2)
        async with (
            MainBackend.calling(app) as api,
            httpx.AsyncClient(base_url=f"{life.provider}/_sandbox", trust_env=False) as http,
        ):
            # The provider is another process: nobody here waits for what it delivers.
            office = BackOffice(http, _elsewhere())
            await flow.act(World(api, office, services, Clock(database), database, dict(life.facts)))


def _elsewhere() -> Sandbox:
    return None  # type: ignore[return-value]
