"""Real processes die by `kill -9` under their callers: only answers are lost, and a repeat tells the truth."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.bad_days.processes import Running, an_api
from tests.ledger import rows, value

PHOTOS = 200
USERS = 8
NOBODY = "http://127.0.0.1:9/v3"
LIVES = ["counted", "committed", "committed late", "released", "forgotten"]
# In words of its own, so that it does not trust the functions under test.
MOST_IN_USE = """
SELECT coalesce(max(photo_ai_requests + coalesce((
    SELECT sum((value ->> 0)::integer) FROM jsonb_each(holds)
    WHERE (value ->> 1)::float8 > extract(epoch FROM billing_now())), 0)), 0) FROM daily_usage
"""
KILL_ONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'billing-service' AND query LIKE '%usage_%'
    ORDER BY random() LIMIT 1
"""
COUNTED = "SELECT operation_id FROM usage_operations WHERE state = 'counted'"
IN_THE_END = """
SELECT photo_ai_requests AS used, (
    SELECT coalesce(sum(photos), 0) FROM usage_operations o
    WHERE (o.user_id, o.date, state) = (d.user_id, d.date, 'counted')) AS named
FROM daily_usage d
"""
STILL_HELD = """
SELECT count(*) FROM daily_usage, jsonb_each(holds) WHERE (value ->> 1)::float8 > extract(epoch FROM billing_now())
"""
UNLIMITED = httpx.Limits(max_connections=None)


@dataclass
class Callers:
    """The main backend's side: every call is repeated, at whichever process is alive, until it is answered."""

    urls: list[str]
    http: httpx.AsyncClient
    lost: int = 0
    told: dict[str, bool] = field(default_factory=dict)

    async def analyse(self, name: str, user: int, life: str) -> None:
        """One photo; in the end the caller has been told whether it counts."""
        if life == "counted":
            self.told[name] = await self._ask(f"users/{user}/usage/consume", {"operation_id": name}) == 200
            return
        ttl = 1 if life in {"forgotten", "committed late"} else 60
        asked = {"operation_id": name, "ttl_seconds": ttl}
        self.told[name] = False
        if await self._ask(f"users/{user}/usage/reserve", asked) != 200 or life == "forgotten":
            return
        if life == "released":
            assert await self._ask(f"usage/operations/{name}/release") == 200
            return
        if life == "committed late":
            await asyncio.sleep(1.1)
        self.told[name] = await self._ask(f"usage/operations/{name}/commit") == 200

    async def _ask(self, path: str, body: Any = None) -> int:  # noqa: ANN401 (JSON)
        for url in cycle(random.sample(self.urls, len(self.urls))):
            try:
                answer = await self.http.post(f"{url}/internal/v1/{path}", json=body)
            except httpx.TransportError:
                self.lost += 1
                await asyncio.sleep(0.05)
            else:
                if answer.status_code != 503:
                    return answer.status_code
                self.lost += 1
        raise AssertionError("there is always a process")


@dataclass
class Watcher:
    """Looks all the time, and kills a connection of the service ten times a second."""

    database_url: str
    most_in_use: int = 0
    looks: int = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        over = asyncio.Event()
        watch = asyncio.create_task(self._watch(over))
        yield
        over.set()
        await watch

    async def _watch(self, over: asyncio.Event) -> None:
        connection = await asyncpg.connect(self.database_url)
        while not over.is_set():
            self.most_in_use = max(self.most_in_use, await connection.fetchval(MOST_IN_USE))
            self.looks += 1
            if self.looks % 20 == 0:
                await connection.fetch(KILL_ONE)
            await asyncio.sleep(0.005)
        await connection.close()


@asynccontextmanager
async def two_processes(settings: Settings, folder: Path) -> AsyncIterator[list[Running]]:
    """Started at the same time; ended, if they are still alive, at the end."""
    async with AsyncExitStack() as stack:
        folders = [folder / "one", folder / "two"]
        for each in folders:
            each.mkdir(parents=True)
        starting = [stack.enter_async_context(an_api(settings, NOBODY, each)) for each in folders]
        yield list(await asyncio.gather(*starting))


async def a_wave(
    settings: Settings, folder: Path, watcher: Watcher, number: int, chance: random.Random
) -> Callers:
    """200 photos at once, of users of their own; one of the two processes is killed in the midst of it."""
    async with (
        two_processes(settings, folder) as processes,
        httpx.AsyncClient(
            headers={"Authorization": f"Bearer {DEV_TOKEN}"}, timeout=20, limits=UNLIMITED
        ) as http,
        watcher.watching(),
    ):
        callers = Callers([one.url for one in processes], http)
        photos = [
            callers.analyse(f"{number}-{photo}", 6000 + USERS * number + photo % USERS, chance.choice(LIVES))
            for photo in range(PHOTOS)
        ]
        analyses = asyncio.gather(*photos)
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        processes[0].kill()
        await analyses
    return callers


@pytest.mark.slow
async def test_processes_and_connections_may_be_killed_at_any_instant(
    settings: Settings, database: Database, tmp_path: Path, rounds: int
) -> None:
    seed = random.randrange(10**9)  # noqa: S311 (it guards nothing)
    print(f"seed {seed}")  # noqa: T201 (which lives, and when the process is killed)
    watcher, lost = Watcher(settings.database_url), 0
    told: dict[str, bool] = {}
    for number in range(max(1, rounds // 20)):
        callers = await a_wave(
            settings,
            tmp_path / str(number),
            watcher,
            number,
            random.Random(seed + number),  # noqa: S311
        )
        told |= callers.told
        lost += callers.lost
        assert len(told) == PHOTOS * (number + 1)
    await asyncio.sleep(1.1)

    counted = {one["operation_id"] for one in await rows(database, COUNTED)}
    assert {name for name, counts in told.items() if counts} == counted
    assert all(one["used"] == one["named"] <= 3 for one in await rows(database, IN_THE_END))
    assert await value(database, STILL_HELD) == 0
    assert (watcher.most_in_use, lost > 0) == (3, True)
