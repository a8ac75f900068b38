"""What was decided without the service: on disk, so that it is counted once for all processes and outlives them.

| state | what it is |
|---|---|
| running | let through, under way; after its time to live it counts as given back: its process died |
| given_back | it failed, and costs nothing |
| due | it succeeded, and the service does not know |
| reported | the service counted it |
| not_counted | the service refused it: it was told more than a week later, or its id counts for something else |
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

TABLE = """
CREATE TABLE IF NOT EXISTS decisions (
    operation_id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, feature TEXT NOT NULL, amount INTEGER NOT NULL,
    ttl_seconds INTEGER NOT NULL, day TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, without_us INTEGER NOT NULL
)"""
INSERT = "INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
STATE_OF = """
SELECT state FROM decisions WHERE operation_id = ? AND NOT (state = 'running' AND at + ttl_seconds < ?)"""
# Those of a day that were let through here and not given back.
LET_THROUGH = """
SELECT coalesce(sum(amount), 0) FROM decisions WHERE user_id = ? AND feature = ? AND day = ? AND without_us
AND state <> 'given_back' AND NOT (state = 'running' AND at + ttl_seconds < ?)"""
# Whoever claimed some and died is followed after a minute; to report twice is safe.
CLAIM = """
UPDATE decisions SET state = 'reporting', at = ?1 WHERE operation_id IN (
    SELECT operation_id FROM decisions
    WHERE state = 'due' OR (state = 'reporting' AND at < ?1 - 60) ORDER BY at LIMIT ?2
) RETURNING operation_id, user_id, feature, amount, ttl_seconds, day"""
KEPT = timedelta(days=8)


@dataclass(frozen=True)
class Decision:
    operation_id: str
    user_id: int
    feature: str
    amount: int
    ttl_seconds: int


class Journal:
    """Give all processes of a host the same `path`; without one it is kept in memory, for one process.

    `timezone` must be the service's `BILLING_TIMEZONE`: it says which day it is.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        timezone: str = "Europe/Moscow",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._zone, self._now = ZoneInfo(timezone), now
        self._lock = Lock()
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(TABLE)

    def close(self) -> None:
        self._db.close()

    @property
    def today(self) -> str:
        return self._now().astimezone(self._zone).date().isoformat()

    def admit(self, decision: Decision, n_per_day: int) -> bool:
        """Let it through if it fits into the user's `n_per_day` of today, and write that down; a repeat always."""
        with self._writing() as db:
            if self._find(db, decision.operation_id) in {"running", "due", "reporting", "reported"}:
                return True
            figures = (decision.user_id, decision.feature, self.today, self._at)
            (used,) = db.execute(LET_THROUGH, figures).fetchone()
            if used + decision.amount > n_per_day:
                return False
            self._forget_old(db)
            db.execute("DELETE FROM decisions WHERE operation_id = ?", (decision.operation_id,))
            db.execute(INSERT, (*astuple(decision), self.today, self._at, "running", True))
            return True

    def owe(self, decision: Decision) -> None:
        """The service let it through, it succeeded, and its commit was not answered."""
        with self._writing() as db:
            db.execute(INSERT, (*astuple(decision), self.today, self._at, "due", False))

    def move(self, operation_id: str, state: str) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE decisions SET state = ?, at = ? WHERE operation_id = ?",
                (state, self._at, operation_id),
            )

    def conclude(self, decision: Decision, state: str) -> None:
        """It ended, and needed what `decision` says."""
        with self._writing() as db:
            db.execute(
                "UPDATE decisions SET state = ?, at = ?, amount = ? WHERE operation_id = ?",
                (state, self._at, decision.amount, decision.operation_id),
            )

    def claim(self, most: int = 50) -> list[tuple[Decision, str]]:
        """What the service must be told, with the day of each; nobody else gets them for a minute."""
        with self._writing() as db:
            rows = db.execute(CLAIM, (self._at, most)).fetchall()
        return [(Decision(*row[:5]), row[5]) for row in rows]

    def counts(self) -> dict[str, int]:
        """For metrics: how many decisions without the service are in which state; forgotten after a week."""
        with self._lock:
            rows = self._db.execute("SELECT state, count(*) FROM decisions WHERE without_us GROUP BY state")
            return dict(rows.fetchall())

    def _find(self, db: sqlite3.Connection, operation_id: str) -> str | None:
        row = db.execute(STATE_OF, (operation_id, self._at)).fetchone()
        return row[0] if row else None

    def _forget_old(self, db: sqlite3.Connection) -> None:
        before = self._at - KEPT.total_seconds()
        db.execute("DELETE FROM decisions WHERE at < ? AND state NOT IN ('due', 'reporting')", (before,))

    @property
    def _at(self) -> float:
        return self._now().timestamp()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that no other process writes beside."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
