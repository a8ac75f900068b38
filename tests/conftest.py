"""Real PostgreSQL, real Valkey, the real application and the sandbox: what every test stands on."""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import structlog

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.dev.servers import embedded_servers
from billing_service.kit import clock as billing_clock
from billing_service.kit.background import Background
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.kit.garbage import collect_seldom
from billing_service.kit.ratelimit import Limiter
from billing_service.kit.redis import open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.kit.statement_pool import StatementPool
from billing_service.sandbox.app import Sandbox
from billing_service.schema import migrate
from billing_service.services import Services, usage_slots
from billing_service.yookassa.client import YookassaClient
from tests.put_back import put_back, remember
from tests.stage import BackOffice, Clock, MainBackend, WebApp, buy_and_pay, in_process

# A shared machine is slow now and then; what must be fast is measured by a benchmark, not by a test.
hypothesis.settings.register_profile(
    "billing", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("billing")
# A traceback with every variable of every frame takes seconds to draw, and no test reads it.
PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
# Nothing that is collected is garbage: to look for it again and again takes a quarter of the time of collecting.
gc.disable()
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])


if find_spec("sniffio") is None:
    # The HTTP library asks for it before each call of an application, and Python looks through every folder again.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=20, help="How many rounds a proof of exactness runs.")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Every process starts servers of its own; servers that were given are one set, which belongs to one process.

    One more than there are processors: now and then each of them waits for what it has started.
    """
    given = {"TEST_DATABASE_URL", "TEST_REDIS_URL"} & os.environ.keys()
    return 1 if given else min((os.cpu_count() or 1) + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with a test that needs longer than others come first: nobody waits for one that began last."""
    patience: dict[Path, float] = {}
    for item in items:
        marker = item.get_closest_marker("timeout")
        longest = patience.get(item.path, 0)
        patience[item.path] = max(
            longest, marker.args[0] if marker else 0, bool(item.get_closest_marker("slow"))
        )
    items.sort(key=lambda item: -patience[item.path])


def pytest_collection_finish() -> None:
    """What is there by now stays for good, as in the service."""
    gc.collect()
    gc.enable()
    collect_seldom()


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> int:
    """How often a race is run: few times in every run, often with `make proofs`."""
    return int(pytestconfig.getoption("--rounds"))


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A PostgreSQL and a Valkey of the tests' own, or the ones the environment names."""
    given = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    with ExitStack() as stack:
        if all(given):
            yield given[0] or "", given[1] or ""
            return
        servers = stack.enter_context(embedded_servers(tmp_path_factory.mktemp("servers"), throwaway=True))
        yield given[0] or servers.database_url, given[1] or servers.redis_url


@pytest.fixture(scope="session")
def settings(addresses: tuple[str, str]) -> Settings:
    database_url, redis_url = addresses
    return Settings(
        billing_env="dev",
        database_url=database_url,
        redis_url=redis_url,
        yookassa_shop_id_test="100500",
        yookassa_api_key_test="test_sandbox",
        yookassa_api_url="http://sandbox/v3",
        database_pool_size=30,
    )


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Settings:
    """The settings of a database that is at head and whose clock can be turned."""
    migrate.upgrade(settings.database_url)
    return settings


@pytest.fixture(scope="session")
async def _database(migrated: Settings) -> AsyncIterator[Database]:
    db = Database(migrated.database_url, pool_size=migrated.database_pool_size)
    async with db.engine.begin() as connection:
        await billing_clock.make_turnable(connection)
        await remember(connection)
    yield db
    await db.close()


@pytest.fixture(scope="session")
async def _statements(migrated: Settings) -> AsyncIterator[StatementPool]:
    statements = StatementPool(migrated.database_url, pool_size=10)
    yield statements
    await statements.close()


@pytest.fixture
async def database(_database: Database) -> Database:
    """Committed rows are really committed; tables, plans and clock are put right before each test."""
    async with _database.engine.begin() as connection:
        await put_back(connection)
    return _database


@pytest.fixture
async def statements(database: Database, _statements: StatementPool) -> StatementPool:  # noqa: ARG001 (emptied)
    """The way to the same database without a session."""
    return _statements


@pytest.fixture
async def clock(database: Database) -> Clock:
    return Clock(database)


@pytest.fixture
async def web() -> WebApp:
    """Where the application will be, so that the sandbox can be told before it exists."""
    return WebApp()


@pytest.fixture
async def sandbox(web: WebApp) -> AsyncIterator[Sandbox]:
    notify_url = "http://billing/api/v1/billing/webhooks/yookassa"
    async with Sandbox(notify_url=notify_url, notify_transport=in_process(web), retry_scale=0.001) as sandbox:
        yield sandbox


@pytest.fixture
async def services(
    settings: Settings, database: Database, _statements: StatementPool, sandbox: Sandbox
) -> AsyncIterator[Services]:
    client = YookassaClient(
        shop_id=settings.shop_id,
        secret_key=settings.api_key.get_secret_value(),
        api_url=settings.yookassa_api_url,
        transport=in_process(sandbox.app),
        waits=(0.01, 0.03),
    )
    redis = open_redis(settings.redis_url)
    services = Services(
        settings=settings,
        db=database,
        yookassa=client,
        vault=Vault(settings.billing_encryption_keys),
        background=Background(),
        statements=_statements,
        usage_slots=usage_slots(),
        redis=redis,
        # Nobody inherits what another test has used up.
        limiter=Limiter(RedisWindow(redis, prefix=f"test-{uuid4().hex}")),
    )
    yield services
    await asyncio.wait_for(services.background.drain(5), 10)
    await client.aclose()
    await redis.aclose()


@pytest.fixture
async def api(services: Services, web: WebApp) -> AsyncIterator[MainBackend]:
    """The service as the main backend sees it."""
    web.app = create_app(services.settings, services)
    async with MainBackend.calling(web) as backend:
        yield backend


@pytest.fixture
async def office(sandbox: Sandbox) -> AsyncIterator[BackOffice]:
    """The sandbox's control API: what payers do, and what the provider does to us."""
    async with BackOffice.of(sandbox) as office:
        yield office


@pytest.fixture
async def paid(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    """A month, paid and granted."""
    return await buy_and_pay(api, office, services)


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parent.parent
