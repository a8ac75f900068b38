"""The connection to Redis or Valkey, whose loss must cost nobody more than an instant."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Cut

STEP_SECONDS = 0.2
CONNECTIONS, TURN_SECONDS = 8, 0.5


def open_redis(url: str) -> Redis:
    """A client that connects when first used, gives each step 0.2 s at most and repeats once what was cut off.

    More than 8 commands at once wait for their turn, half a second at most; the plain pool would raise at once.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TURN_SECONDS,
        socket_connect_timeout=STEP_SECONDS,
        socket_timeout=STEP_SECONDS,
        # No word but what is needed, so that a burst finds its connections open at once.
        protocol=2,
        driver_info=None,
        # After a restart of the server every connection of the pool is dead once; silence is not asked twice.
        retry=Retry(NoBackoff(), 1, supported_errors=(Cut,)),
    )
    return Redis.from_pool(pool)
