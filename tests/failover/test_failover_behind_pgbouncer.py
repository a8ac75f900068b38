"""A PgBouncer before each of two servers: the primary dies under load, and its PgBouncer lives on."""

import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from billing_service.config import Settings
from tests.failover.bouncer import bouncing, of_the_service, prepare
from tests.failover.failing_over import Stage, nobody_notices_failovers, staged
from tests.failover.pair import two_nodes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are killed with all they started")


@pytest.fixture
async def stage(settings: Settings, tmp_path: Path, repository: Path) -> AsyncIterator[Stage]:
    """Queues go to the servers themselves, all else through the poolers."""
    ini = repository / "deploy/pgbouncer.ini"
    with two_nodes() as pair, ExitStack() as stack:
        await prepare(pair.primary.url, repository)
        await pair.join()
        nodes = (pair.primary, pair.standby)
        poolers = [stack.enter_context(bouncing(of_the_service(node.url), ini)) for node in nodes]
        hosts = ",".join(urlsplit(pooler).netloc.rpartition("@")[2] for pooler in poolers)
        url = f"postgresql://billing_service@{hosts}/billing?target_session_attrs=read-write"
        direct_url = of_the_service(pair.url)
        async with staged(pair, tmp_path, url, settings.redis_url, DATABASE_DIRECT_URL=direct_url) as stage:
            yield stage


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_nothing_answered_is_lost_or_doubled_and_nobody_is_restarted(stage: Stage, rounds: int) -> None:
    await nobody_notices_failovers(stage, max(1, rounds // 20))
