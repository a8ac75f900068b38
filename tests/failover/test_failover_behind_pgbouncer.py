"""A PgBouncer before each of two servers: the primary dies under load, and its PgBouncer lives on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from billing_service.config import Settings
from billing_service.schema import migrate
from tests.failover.bouncer import bouncing
from tests.failover.load import Load
from tests.failover.pair import Pair, two_nodes
from tests.failover.test_failover import COMMAND, WORKERS, Stage, nobody_notices_failovers
from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports
from tests.scratch import execute

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are killed with all they started")


def of_the_service(url: str) -> str:
    return url.replace("//billing@", "//billing_service@")


async def set_up(pair: Pair, repository: Path) -> None:
    """As docs/operations.md says, of the role that the service has."""
    await execute(pair.primary.url, (repository / "deploy/roles.sql").read_text())
    await execute(pair.primary.url, (repository / "deploy/pgbouncer.sql").read_text())
    await asyncio.to_thread(migrate.upgrade, pair.primary.url.replace("//billing@", "//billing_owner@"))
    await pair.join()


@pytest.fixture
async def stage(settings: Settings, tmp_path: Path, repository: Path) -> AsyncIterator[Stage]:
    """Two APIs, two workers and the sandbox; queues go to the servers themselves, all else through the poolers."""
    sandbox, *apis = free_ports(3)
    with two_nodes() as pair:
        await set_up(pair, repository)
        async with AsyncExitStack() as stack:
            ini = repository / "deploy/pgbouncer.ini"
            poolers = [
                urlsplit(stack.enter_context(bouncing(of_the_service(node.url), ini))).netloc.rpartition("@")[
                    2
                ]
                for node in (pair.primary, pair.standby)
            ]
            direct_url = of_the_service(pair.url)
            hosts = ",".join(poolers)
            pooled_url = f"postgresql://billing_service@{hosts}/billing?target_session_attrs=read-write"
            environment = environment_for(pooled_url, settings.redis_url, sandbox)
            environment |= {"REDIS_KEY_PREFIX": str(tmp_path), "DATABASE_DIRECT_URL": direct_url}
            fleet = Fleet(stack, COMMAND, tmp_path, environment)
            notify_url = f"http://127.0.0.1:{apis[0]}/{WEBHOOK}"
            await fleet.start("sandbox", "sandbox", "--port", str(sandbox), "--notify-url", notify_url)
            for worker in WORKERS:
                await fleet.start(worker, "worker")
            await asyncio.gather(*map(fleet.serve, apis))
            yield Stage(pair, fleet, Load(tuple(apis), f"http://127.0.0.1:{sandbox}"))


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_nothing_answered_is_lost_or_doubled_and_nobody_is_restarted(stage: Stage, rounds: int) -> None:
    await nobody_notices_failovers(stage, max(1, rounds // 20))
