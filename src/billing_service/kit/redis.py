"""The connection to Redis or Valkey, one server or a cluster, whose loss must cost nobody more than an instant."""

import asyncio
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError, RedisClusterException
from redis.exceptions import ConnectionError as Cut

STEP_SECONDS = 0.2
CONNECTIONS, TURN_SECONDS = 8, 0.5
# Which scheme means a cluster, of which the nodes behind it are some; and whether TLS leads to them.
CLUSTERS = {"redis+cluster": False, "rediss+cluster": True}
# No word but what is needed, so that a burst finds its connections open at once.
QUIETLY: dict[str, Any] = {
    "socket_connect_timeout": STEP_SECONDS,
    "socket_timeout": STEP_SECONDS,
    "protocol": 2,
    "driver_info": None,
}

AnyRedis: TypeAlias = "Redis | Cluster"


def open_redis(url: str) -> AnyRedis:
    """A client that connects when first used, gives each step 0.2 s at most and repeats once what was cut off.

    More than 8 commands at once wait for their turn, half a second at most; the plain pool would raise at once.
    """
    if urlsplit(url).scheme in CLUSTERS:
        return _cluster(url)
    pool = BlockingConnectionPool.from_url(
        url, max_connections=CONNECTIONS, timeout=TURN_SECONDS, retry=_once_more(), **QUIETLY
    )
    return Redis.from_pool(pool)


def _once_more() -> Retry:
    """After a restart of the server every connection of the pool is dead once; silence is not asked twice."""
    return Retry(NoBackoff(), 1, supported_errors=(Cut,))


class Cluster(RedisCluster):
    """Each command waits for its turn, as with one server: the library's own limit on connections is an error."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 (redis-py's own)
        super().__init__(**options)
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def execute_command(self, *words: Any, **options: Any) -> Any:  # noqa: ANN401 (redis-py's own)
        async with asyncio.timeout(TURN_SECONDS):
            await self._turns.acquire()
        try:
            return await super().execute_command(*words, **options)
        except RedisClusterException as error:
            # No node answers. The library counts that among no errors of its own that stand for an outage.
            raise Cut(str(error)) from error
        finally:
            self._turns.release()

    async def ping(self, **_options: object) -> bool:
        """Whether every key has its place. Raises `ClusterDownError` if not, `ConnectionError` if nobody answers."""
        state = (await self.cluster_info())["cluster_state"]
        if state != "ok":
            raise ClusterDownError(f"cluster_state is {state}")
        return True


def _cluster(url: str) -> Cluster:
    parts = urlsplit(url)
    hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    return Cluster(
        startup_nodes=[ClusterNode(host.hostname or "", host.port or 6379) for host in hosts],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ssl=CLUSTERS[parts.scheme],
        # A part that is away takes its own keys with it, and no others.
        require_full_coverage=False,
        max_connections=CONNECTIONS,
        retry=_once_more(),
        **QUIETLY,
    )
