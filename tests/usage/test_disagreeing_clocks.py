"""Two API processes whose own clocks are two days apart count one user's photos together, on the same day."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.bad_days.processes import an_api
from tests.forked import installed_billing_service

NOBODY = "http://127.0.0.1:9/v3"
TOKEN = {"Authorization": f"Bearer {DEV_TOKEN}"}


@pytest.fixture(scope="module")
def faketime() -> Path:
    """The library that shows a program another time."""
    found = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("libfaketime is not installed")
    return found or pytest.skip("libfaketime is not installed")


@pytest.fixture
async def processes(
    database: Database,  # noqa: ARG001 (emptied before the processes start)
    settings: Settings,
    faketime: Path,
    tmp_path: Path,
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """One lives a day ahead of the database, one a day behind."""
    async with AsyncExitStack() as stack:
        clients = []
        for shift in ("+1d", "-1d"):
            folder = tmp_path / shift
            folder.mkdir()
            other_time = {"LD_PRELOAD": str(faketime), "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            api = an_api(settings, NOBODY, folder, main=installed_billing_service, **other_time)
            running = await stack.enter_async_context(api)
            client = httpx.AsyncClient(base_url=f"{running.url}/internal/v1/", headers=TOKEN, timeout=30)
            clients.append(await stack.enter_async_context(client))
        yield clients


async def test_processes_whose_clocks_disagree_admit_three_photos_together_on_one_day(
    processes: list[httpx.AsyncClient],
) -> None:
    answers = await asyncio.gather(*(one.post("users/1/usage/consume") for one in processes * 10))

    ahead, behind = (parsedate_to_datetime(answer.headers["date"]) for answer in answers[:2])
    assert ahead - behind > timedelta(hours=47)
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 17
    told = [answer.json() for answer in answers]
    assert len({one.get("resets_at") or one["error"]["details"]["resets_at"] for one in told}) == 1


async def test_a_place_held_at_one_process_is_held_and_counted_at_the_other(
    processes: list[httpx.AsyncClient],
) -> None:
    ahead, behind = processes
    held = await behind.post("users/1/usage/reserve", json={"operation_id": "photo", "ttl_seconds": 60})
    seen = (await ahead.get("users/1/usage")).json()

    committed = (await ahead.post("usage/operations/photo/commit")).json()

    assert held.json()["resets_at"] == seen["resets_at"] == committed["resets_at"]
    assert (seen["used_today"], seen["held"]) == (0, 1)
    assert (committed["used_today"], committed["held"]) == (1, 0)
