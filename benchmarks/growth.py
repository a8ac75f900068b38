"""What a grown database costs: every sweep of the worker and what is asked of all, beside the same on an empty one.

The processor time that PostgreSQL's processes spend, which another load on the machine hardly changes. On Linux.
"""

import asyncio
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.databases import execute
from benchmarks.environments import Servers
from benchmarks.grown import SHOP, grow
from benchmarks.measuring import Told
from benchmarks.stage import Stage
from billing_service.config import Settings
from billing_service.events import queries as events
from billing_service.events.delivery import AT_ONCE, LEASE
from billing_service.events.retries import LONGEST_PAUSE
from billing_service.kit import logging
from billing_service.operations.database_metrics import gather
from billing_service.operations.overdue import find_overdue
from billing_service.services import Services, open_services
from billing_service.timetable import SCHEDULES

# They ask others than the database, or are measured by themselves (`audit_growth`).
LEFT_OUT = frozenset({"receipts.ask_shop", "canary.ask", "daily_audit.audit_due", "invariants.watch"})
# What comes next is numbered behind what is there.
GOES_ON = """
UPDATE shop_in_force SET is_test = true;
SELECT setval(pg_get_serial_sequence('subscription_periods', 'id'), max(id)) FROM subscription_periods;
INSERT INTO event_feed (last_no) SELECT max(feed_no) FROM outbox_events
    ON CONFLICT (singleton) DO UPDATE SET last_no = excluded.last_no
"""
Sweep = Callable[[Services], Awaitable[object]]


class Sweeps(NamedTuple):
    """Milliseconds of PostgreSQL's for one run of each, by name."""

    empty: Mapping[str, float]
    grown: Mapping[str, float]

    def table(self) -> str:
        lines = [f"{'':28}{'empty':>12}{'grown':>12}{'empty/grown':>14}"]
        for name, before in self.empty.items():
            after = self.grown[name]
            lines.append(f"{name:28}{before:>9.1f} ms{after:>9.1f} ms{before / after if after else 1:>14.2f}")
        return "\n".join(lines)


def fill(database_url: str, users: int) -> None:
    """Years of business in a migrated, empty database, which then belongs to the test shop that is measured."""
    grow(database_url, users)
    execute(database_url, GOES_ON)


def measure_sweeps(stage: Stage, *, rounds: int, tell: Told) -> Sweeps:
    """Each sweep on both databases, in every round; the first round only warms up."""
    assert stage.before is not None  # noqa: S101 (who grows a database keeps an empty one beside it)
    logging.configure(readable=False, to=sys.stderr)  # what a sweep finds is no figure
    both = (stage.before.servers, stage.ours.servers)
    empty, grown = (asyncio.run(_medians(servers, rounds, tell)) for servers in both)
    return Sweeps(empty, grown)


async def _medians(servers: Servers, rounds: int, tell: Told) -> Mapping[str, float]:
    async with open_services(_settings(servers)) as services:
        sweeps = _sweeps()
        taken: dict[str, list[float]] = {name: [] for name in sweeps}
        for number in range(rounds + 1):
            for name, sweep in sweeps.items():
                began = await _spent(services)
                await sweep(services)
                taken[name].append(await _spent(services) - began)
            tell(f"round {number} of {rounds}: sweeps")
    return {name: median(times[1:]) for name, times in taken.items()}


def _sweeps() -> Mapping[str, Sweep]:
    by_clock: dict[str, Sweep] = {
        name: lambda services, one=one: one.run(services, asyncio.Event())  # type: ignore[misc]
        for name, one in SCHEDULES.items()
        if name not in LEFT_OUT
    }
    return by_clock | {
        "events are numbered": _look_for_events,
        "what is overdue": _overdue,
        "/metrics": gather,
    }


async def _look_for_events(services: Services) -> None:
    await events.look(services.statements, lease=LEASE, longest_pause=LONGEST_PAUSE, limit=AT_ONCE)


async def _overdue(services: Services) -> None:
    async with services.db.begin() as session:
        await find_overdue(session, services.settings.shop_id)


async def _spent(services: Services) -> float:
    """Milliseconds on a processor so far, of every process of PostgreSQL's that works for these services."""
    pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    files = [Path("/proc", str(row["pid"]), "schedstat") for row in await services.statements.fetch(pids)]
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1_000_000


def _settings(servers: Servers) -> Settings:
    """Of the live shop, whose the rows of a grown database are; nobody is called."""
    return Settings(
        _env_file=None,
        database_url=servers.database_url,
        redis_url=servers.redis_url,
        billing_service_tokens=f"main:{sha256(b'token').hexdigest()}:user",
        billing_encryption_keys=urlsafe_b64encode(os.urandom(32)).decode(),
        yookassa_mode="prod",
        yookassa_shop_id_prod=SHOP,
        yookassa_api_key_prod="live_benchmark",
    )
