"""A connection beside the world that waits for no turn: it tells the database the time, and sees who waits for whom."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

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
STILL_THERE = "SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[])"


class Control:
    """Blocks whoever calls it, for as long as PostgreSQL takes to answer."""

    def __init__(self, database_url: str) -> None:
        self._connection = psycopg.connect(
            database_url,
            autocommit=True,
            prepare_threshold=1,
            cursor_factory=psycopg.RawCursor,
            options="-c TimeZone=UTC -c jit=off -c synchronous_commit=off",
        )
        self._shown: datetime | None = None

    def execute(self, sql: str) -> None:
        self._connection.execute(sql.encode())

    def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        """The rows, by the names of their columns."""
        with psycopg.RawCursor(self._connection, row_factory=dict_row) as cursor:
            return cursor.execute(sql.encode(), values).fetchall()

    def show(self, moment: datetime) -> None:
        """From the next statement on it is this time in the database."""
        if moment != self._shown:
            self._connection.execute(SET, (moment,))
            self._shown = moment

    def blocked(self, backends: list[int]) -> set[int]:
        """Those of these backends that wait for a lock that another one has."""
        return {row["pid"] for row in self.fetch(BLOCKED, backends)}

    def end(self, backends: list[int]) -> None:
        """These are gone, and what they had not committed is undone."""
        self.fetch(END, backends)
        # The server's own way to wait for it looks ten times a second only.
        while self.fetch(STILL_THERE, backends):
            time.sleep(0.001)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def control_of(database_url: str) -> Iterator[Control]:
    control = Control(database_url)
    try:
        yield control
    finally:
        control.close()
