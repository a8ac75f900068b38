"""Limits on a cluster hold as with one server; a lost part of it is what a lost Redis is, and comes back by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from redis.asyncio.connection import SSLConnection
from redis.exceptions import RedisError

from billing_service.kit.ratelimit import Limiter, Rate, Verdict
from billing_service.kit.redis import AnyRedis, Cluster, open_redis
from billing_service.kit.redis_window import RedisWindow
from tests.failover.valkey_cluster import Node, three_nodes, wait_until_whole

RATE = Rate(5, 60)
KEYS = [f"user:{number}" for number in range(30)]


@dataclass
class Process:
    """What one of ours has of the cluster."""

    client: AnyRedis
    limiter: Limiter

    async def finds_it_whole(self) -> bool:
        try:
            return bool(await self.client.ping())
        except (RedisError, OSError):
            return False

    async def counts_with_others(self) -> bool:
        return (await self.limiter.take(f"once:{uuid4()}", RATE)).shared


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[Node]]:
    with three_nodes() as nodes:
        yield nodes


@pytest.fixture
async def processes(nodes: list[Node]) -> AsyncIterator[list[Process]]:
    """Two, which were told of two of the three."""
    url = f"redis+cluster://127.0.0.1:{nodes[0].port},127.0.0.1:{nodes[1].port}"
    clients = [open_redis(url) for _ in range(2)]
    prefix = uuid4().hex
    yield [Process(client, Limiter(RedisWindow(client, prefix=prefix))) for client in clients]
    for client in clients:
        await client.aclose()


async def tried(processes: list[Process], key: str) -> list[Verdict]:
    """Twenty tries at once, half of them at each process."""
    tries = (process.limiter.take(key, RATE) for process in processes for _ in range(10))
    return await asyncio.gather(*tries)


def let_through(verdicts: list[Verdict]) -> int:
    return sum(verdict.allowed for verdict in verdicts)


async def counted_together(processes: list[Process], about: str) -> set[int]:
    """How many came through for each of thirty keys, each time that both processes heard an answer in time.

    Half a second is a limiter's patience; a machine that stands still for longer has not asked the cluster at all, and
    the same key is tried under another name.
    """

    async def of(key: str) -> int:
        async with asyncio.timeout(60):
            verdicts = await tried(processes, key)
            while not all(verdict.shared for verdict in verdicts):
                await until_all(processes, whole=True)
                verdicts = await tried(processes, f"{uuid4()}:{key}")
        return let_through(verdicts)

    return {await of(f"{about}:{key}") for key in KEYS}


async def test_the_limit_is_exact_wherever_a_key_lies(processes: list[Process], nodes: list[Node]) -> None:
    assert await counted_together(processes, "whole") == {RATE.limit}
    assert all(int(node.asked("DBSIZE")) for node in nodes)
    assert [await process.finds_it_whole() for process in processes] == [True, True]


@pytest.mark.parametrize("lost", [1, 3])
async def test_lost_nodes_fail_nobody_and_once_they_are_back_all_count_together_again(
    processes: list[Process], nodes: list[Node], lost: int
) -> None:
    await counted_together(processes, "before")
    for node in nodes[:lost]:
        node.kill()
    await until_all(processes, whole=False)

    alone = {let_through(await tried(processes, f"without:{key}")) for key in KEYS}
    for node in nodes[:lost]:
        node.start()
    wait_until_whole(nodes)
    await until_all(processes, whole=True)
    together = await counted_together(processes, "after")

    assert alone <= set(range(RATE.limit, RATE.limit * len(processes) + 1))
    assert together == {RATE.limit}


async def until_all(processes: list[Process], *, whole: bool) -> None:
    async with asyncio.timeout(30):
        for process in processes:
            while await process.finds_it_whole() is not whole:  # noqa: ASYNC110 (nobody tells us)
                await asyncio.sleep(0.05)
            while whole and not await process.counts_with_others():  # noqa: ASYNC110 (nobody tells us)
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("scheme", ["redis+cluster", "rediss+cluster"])
def test_the_address_of_a_cluster_names_some_of_its_nodes(scheme: str) -> None:
    cluster = open_redis(f"{scheme}://billing:pass%2Fword@cache-1:7000,cache-2")

    assert isinstance(cluster, Cluster)
    named = [(node.host, node.port) for node in cluster.nodes_manager.startup_nodes.values()]
    assert named == [("cache-1", 7000), ("cache-2", 6379)]
    assert cluster.connection_kwargs["password"] == "pass/word"
    by_tls = cluster.connection_kwargs.get("connection_class") is SSLConnection
    assert by_tls is (scheme == "rediss+cluster")
