"""The service as processes of its own, before the test's sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.sandbox.app import Sandbox
from tests.bad_days.processes import Running, a_worker, an_api, listening


@pytest.fixture
async def yookassa(sandbox: Sandbox) -> AsyncIterator[str]:
    async with listening(sandbox) as address:
        yield address


@pytest.fixture
async def api_process(
    database: Database,  # noqa: ARG001 (emptied before the process starts)
    settings: Settings,
    yookassa: str,
    tmp_path: Path,
) -> AsyncIterator[Running]:
    async with an_api(settings, yookassa, tmp_path) as running:
        yield running


@pytest.fixture
async def worker_process(
    database: Database,  # noqa: ARG001 (emptied before the process starts)
    settings: Settings,
    yookassa: str,
    tmp_path: Path,
) -> AsyncIterator[Running]:
    async with a_worker(settings, yookassa, tmp_path) as running:
        yield running
