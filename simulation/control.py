"""A connection beside the world that waits for no turn: it tells the database the time, and sees who waits for whom."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")
# Taken before `connections` puts its own in the place of it.
CONNECT = asyncpg.connect
CLOCK = """
CREATE SCHEMA turnable_clock;
CREATE TABLE turnable_clock.moment (now timestamptz NOT NULL) WITH (fillfactor = 10);
INSERT INTO turnable_clock.moment VALUES (now());
CREATE OR REPLACE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT now FROM turnable_clock.moment';
"""
# What the server cleans up and counts by itself it does by the time of the machine, and it decides how a statement goes
# about its rows, and so in which order they come.
LEFT_ALONE = """
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', t);
    END LOOP;
END $$
"""
SET = "UPDATE turnable_clock.moment SET now = $1"
BLOCKED = "SELECT pid FROM unnest($1::int[]) pid WHERE cardinality(pg_blocking_pids(pid)) > 0"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY ($1::int[])"
STILL_THERE = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1::int[])"


class Control:
    """Blocks whoever calls it, for as long as PostgreSQL takes to answer."""

    def __init__(self, database_url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="control", daemon=True)
        self._thread.start()
        self._connection: asyncpg.Connection = self._wait(self._connect(database_url))
        self._shown: datetime | None = None

    @staticmethod
    async def _connect(database_url: str) -> asyncpg.Connection:
        settings = {"TimeZone": "UTC", "jit": "off", "synchronous_commit": "off"}
        return await CONNECT(database_url, server_settings=settings)

    def _wait(self, work: Awaitable[T]) -> T:
        async def do() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(do(), self._loop).result(60)

    def execute(self, sql: str) -> None:
        self._wait(self._connection.execute(sql))

    def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        rows: Sequence[Any] = self._wait(self._connection.fetch(sql, *values))
        return rows

    def show(self, moment: datetime) -> None:
        """From the next statement on it is this time in the database."""
        if moment != self._shown:
            self.fetch(SET, moment)
            self._shown = moment

    def blocked(self, backends: list[int]) -> set[int]:
        """Those of these backends that wait for a lock that another one has."""
        return {row["pid"] for row in self.fetch(BLOCKED, backends)}

    def end(self, backends: list[int]) -> None:
        """These are gone, and what they had not committed is undone."""
        self.fetch(END, backends)
        # The server's own way to wait for it looks ten times a second only.
        while self.fetch(STILL_THERE, backends)[0][0]:
            time.sleep(0.001)

    def close(self) -> None:
        self._wait(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def control_of(database_url: str) -> Iterator[Control]:
    control = Control(database_url)
    try:
        yield control
    finally:
        control.close()
