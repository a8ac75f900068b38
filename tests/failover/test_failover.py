"""The primary dies under load, the standby takes its place: what was answered is there, once, and nothing restarts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from billing_service.config import Settings
from billing_service.schema import migrate
from tests.failover.failing_over import Stage, nobody_notices_failovers, staged
from tests.failover.pair import two_nodes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are killed with all they started")


@pytest.fixture
async def stage(settings: Settings, tmp_path: Path) -> AsyncIterator[Stage]:
    with two_nodes() as pair:
        await asyncio.to_thread(migrate.upgrade, pair.url)
        await pair.join()
        async with staged(pair, tmp_path, pair.url, settings.redis_url) as stage:
            yield stage


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_nothing_answered_is_lost_or_doubled_and_nobody_is_restarted(stage: Stage, rounds: int) -> None:
    await nobody_notices_failovers(stage, max(1, rounds // 10))
