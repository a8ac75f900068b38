"""The primary falls silent instead of dying, and wakes up when another one has taken its place."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from billing_service.config import Settings
from billing_service.kit.db import Database, is_unavailable
from billing_service.kit.statement_pool import StatementPool
from billing_service.operations.database_servers import SECOND_COPY, findings
from tests.failover.pair import Pair, asked, two_nodes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are stopped with all they started")

POOL_SIZE = 3
INSERT = "INSERT INTO written VALUES (DEFAULT)"
WRITTEN = "SELECT count(*) FROM written"


@dataclass
class Process:
    """Both pools of one."""

    statements: StatementPool
    db: Database

    @property
    def ways_to_write(self) -> list[Callable[[], Awaitable[object]]]:
        return [self._statement, self._transaction, self._session]

    async def _statement(self) -> None:
        await self.statements.fetch(INSERT)

    async def _transaction(self) -> None:
        async with self.statements.transaction() as tx:
            await tx.execute(INSERT)

    async def _session(self) -> None:
        async with self.db.begin() as session:
            await session.execute(text(INSERT))

    async def write_every_way(self) -> None:
        for write in self.ways_to_write:
            await write()

    async def open_all_connections(self) -> None:
        async def held() -> None:
            async with self.statements.transaction() as tx, self.db.begin() as session:
                await tx.execute("SELECT pg_sleep(0.2)")
                await session.execute(text("SELECT pg_sleep(0.2)"))

        await asyncio.gather(*(held() for _ in range(POOL_SIZE)))


@dataclass
class Stage:
    pair: Pair
    stack: AsyncExitStack
    url: str

    def process(self) -> Process:
        statements, db = StatementPool(self.url, pool_size=POOL_SIZE), Database(self.url, pool_size=POOL_SIZE)
        self.stack.push_async_callback(statements.close)
        self.stack.push_async_callback(db.close)
        return Process(statements, db)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """The first server of the address is the one that will fall silent."""
    with two_nodes() as pair:
        await pair.join()
        await asked(pair.primary, "CREATE TABLE written (id bigserial)")
        async with AsyncExitStack() as stack:
            hosts = f"{pair.primary.address},{pair.standby.address}"
            yield Stage(pair, stack, f"postgresql://billing@{hosts}/billing?target_session_attrs=read-write")


async def test_a_silent_primary_is_left_and_not_asked_first_for_ever(stage: Stage) -> None:
    process = stage.process()
    await process.open_all_connections()
    stage.pair.primary.signal(signal.SIGSTOP)
    await stage.pair.fail_over()

    async with asyncio.timeout(30):
        await asyncio.gather(*map(in_the_end, process.ways_to_write))

    assert await asked(stage.pair.primary, WRITTEN) == len(process.ways_to_write)


async def in_the_end(write: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await write()
        except Exception as error:
            if not is_unavailable(error):
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def test_an_old_primary_that_comes_back_is_written_to_by_nobody(stage: Stage) -> None:
    stays = stage.process()
    await stays.write_every_way()
    silent = stage.pair.primary
    silent.signal(signal.SIGSTOP)
    await stage.pair.fail_over()
    silent.signal(signal.SIGCONT)
    assert not await asked(silent, "SELECT pg_is_in_recovery()")
    before = await asked(silent, WRITTEN)
    await asked(
        silent, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name <> ''"
    )

    for process in (stays, stage.process()):
        async with asyncio.timeout(30):
            await asyncio.gather(*map(in_the_end, process.ways_to_write))

    assert await asked(stage.pair.primary, WRITTEN) == 9
    assert await asked(silent, WRITTEN) == before


async def test_doctor_says_whether_a_second_server_has_all_that_was_answered(
    stage: Stage, settings: Settings
) -> None:
    there = settings.model_copy(update={"database_url": stage.url})
    said = [await said_of_the_copy(there)]
    stage.pair.standby.kill()
    said.append(await said_of_the_copy(there))
    await asked(stage.pair.primary, "ALTER SYSTEM RESET synchronous_standby_names")
    await asked(stage.pair.primary, "SELECT pg_reload_conf()")
    said.append(await said_of_the_copy(there))

    assert said == ["ok", "wrong", "not checked"]


async def said_of_the_copy(settings: Settings) -> str:
    verdicts = {finding.what: finding.verdict async for finding in findings(settings)}
    return verdicts[SECOND_COPY]
