"""The collaborators of one process: settings, database, provider, vault, Valkey; opened once and handed down."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from billing_service.config import Settings
from billing_service.kit.background import Background
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.kit.keyed_semaphore import KeyedSemaphore
from billing_service.kit.ratelimit import Limiter
from billing_service.kit.redis import AnyRedis, open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.kit.statement_pool import StatementPool
from billing_service.yookassa.client import YookassaClient

# A call to the provider may take 35 s; a stopping process waits for it.
DRAIN_SECONDS = 40


@dataclass(frozen=True)
class Services:
    """The collaborators of one process, built once in `app` or `worker` and handed down."""

    settings: Settings
    db: Database
    yookassa: YookassaClient
    vault: Vault
    background: Background
    statements: StatementPool
    usage_slots: KeyedSemaphore
    redis: AnyRedis
    limiter: Limiter
    # On the monotonic clock of this process: since when it looks.
    started: float = field(default_factory=time.monotonic)


def usage_slots() -> KeyedSemaphore:
    """A user who hammers one row holds two connections of a process at most, so the others are served."""
    return KeyedSemaphore(width=2, seconds=5)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The collaborators, closed again at the end: first the work that still runs, then what it runs on."""
    redis = open_redis(settings.redis_url)
    services = Services(
        settings=settings,
        db=Database(settings.database_url, pool_size=settings.database_pool_size, pooled=settings.is_pooled),
        yookassa=YookassaClient(
            shop_id=settings.shop_id,
            secret_key=settings.api_key.get_secret_value(),
            api_url=settings.yookassa_api_url,
        ),
        vault=Vault(settings.billing_encryption_keys),
        background=Background(),
        statements=StatementPool(
            settings.database_url, pool_size=settings.database_pool_size, pooled=settings.is_pooled
        ),
        usage_slots=usage_slots(),
        redis=redis,
        limiter=Limiter(RedisWindow(redis, prefix=settings.redis_key_prefix)),
    )
    try:
        yield services
    finally:
        await services.background.drain(DRAIN_SECONDS)
        await services.yookassa.aclose()
        await services.redis.aclose()
        await services.statements.close()
        await services.db.close()


# What an operator asks for, done on the services of this installation.
Verb = Callable[[Services], Awaitable[None]]
