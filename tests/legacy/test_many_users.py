"""Very many users, damaged in every way: kopeck-exact, the same instant for each, killed in the middle and begun again.

Every run does two thousand, `make proofs` two hundred thousand. The expectation is read from the old tables with plain
SQL; nothing of the import's own is asked.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest
import structlog

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.forked import Forked
from tests.ledger import rows, value
from tests.legacy.many import move_in_many
from tests.legacy.old import OldService, an_old_service
from tests.legacy.ours import access, content, listed, violations
from tests.test_config import IN_TEST

log = structlog.get_logger()

# Beside what the process needs for its own modules.
MEMORY_KB = 400_000


@pytest.fixture
async def crowd(services: Services, rounds: int, today: date) -> AsyncIterator[tuple[OldService, int]]:
    users = 5 * rounds * rounds
    async with an_old_service(services.settings.database_url) as old:
        await move_in_many(old, users, today)
        yield old, users


class Importer:
    """The command, as an operator starts it, and what it says."""

    def __init__(self, services: Services, old: OldService, folder: Path) -> None:
        nothing, self.answered, self.told = (folder / name for name in ("nothing", "answered", "told"))
        for stream in (nothing, self.answered, self.told):
            stream.write_text("")
        environment = {
            "BILLING_ENV": "dev",
            "DATABASE_URL": services.settings.database_url,
            "REDIS_URL": services.settings.redis_url,
            "PATH": os.environ["PATH"],
        }
        arguments = ("legacy", "import", "--from", old.url, "--schema", old.schema)
        streams = (nothing, self.answered, self.told)
        self.process = Forked(arguments, IN_TEST | environment, folder, streams)

    async def has_said(self, words: str) -> None:
        async with asyncio.timeout(900):
            while words not in self.told.read_text():
                assert self.process.poll() is None, self.told.read_text() + self.answered.read_text()
                await asyncio.sleep(0.02)

    async def ends(self) -> int:
        """The most memory that it ever had, in kB; it must have ended well."""
        most = 0
        async with asyncio.timeout(1000):
            while self.process.poll() is None:
                most = max(most, _memory_of(self.process.pid))
                await asyncio.sleep(0.02)
        assert self.process.poll() == 0, self.told.read_text() + self.answered.read_text()
        return most


def _memory_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_everybody_moves_in_though_the_import_is_killed(
    services: Services, database: Database, crowd: tuple[OldService, int], tmp_path: Path
) -> None:
    old, users = crowd
    await _killed_in_the_middle(services, old, users, tmp_path)
    begun = await value(database, "SELECT count(*) FROM subscriptions")
    assert 1 < begun < users

    importer = Importer(services, old, tmp_path)
    began = time.monotonic()
    most = await importer.ends()

    log.info("crowd.moved", users=users, seconds=round(time.monotonic() - began), most_kb=most)
    assert most < MEMORY_KB
    assert "the import is proved" in importer.answered.read_text()
    await _all_is_as_it_was(old, database)
    await _the_damage_is_named(old, database)
    assert await violations(database) == {}
    assert await value(database, UNTOLD) == 0

    before = await content(database)
    again = Importer(services, old, tmp_path)
    await again.ends()
    assert f"users: {users} looked at, 0 written" in again.told.read_text()
    assert await content(database) == before


async def _killed_in_the_middle(services: Services, old: OldService, users: int, folder: Path) -> None:
    """Where it waits for a user of the last bite, whose money somebody holds."""
    holder = await asyncpg.connect(services.settings.database_url)
    await holder.execute("INSERT INTO subscriptions (user_id) VALUES ($1)", users)
    async with holder.transaction():
        await holder.execute("SELECT FROM subscriptions FOR UPDATE")
        importer = Importer(services, old, folder)
        await importer.has_said(f"users: {users - 1000} looked at")
        os.kill(importer.process.pid, signal.SIGKILL)
        assert importer.process.wait(30) == -signal.SIGKILL
    # The server clears away after the dead one, which takes it a while in large tables.
    await holder.execute("SELECT pg_advisory_lock(hashtext('legacy.import'))", timeout=60)
    await holder.close()


UNTOLD = """
    SELECT count(*) FROM legacy_access a WHERE period_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM outbox_events told WHERE told.user_id = a.user_id AND told.kind = 'subscription.imported')
"""
ENDS = """
    SELECT user_id, end_date FROM subscriptions s JOIN subscription_plans p ON p.id = s.plan_id
    WHERE p.code <> 'FREE' AND (s.is_active OR end_date < now())
"""
PAID = """
    SELECT p.code, count(*) AS number, sum(amount) AS amount
    FROM payments y JOIN subscription_plans p ON p.id = y.plan_id
    WHERE status IN ('SUCCEEDED', 'REFUNDED') GROUP BY 1 ORDER BY 1
"""
OTHERS = "SELECT status, count(*) FROM payments WHERE status NOT IN ('SUCCEEDED', 'REFUNDED') GROUP BY 1"


async def _all_is_as_it_was(old: OldService, database: Database) -> None:
    there = {row["user_id"]: row["end_date"] for row in await old.connection.fetch(ENDS)}
    here = await access(database)
    assert {user: here.get(user) for user in there} == there
    without = await value(
        database, "SELECT count(*) FROM subscription_periods WHERE upper(span) > now() AND user_id % 20 < 10"
    )
    assert without == 0
    paid = await rows(
        database,
        "SELECT plan_code AS code, count(*) AS number, sum(amount) AS amount FROM payments "
        "WHERE status = 'SUCCEEDED' GROUP BY 1 ORDER BY 1",
    )
    assert paid == [dict(row) for row in await old.connection.fetch(PAID)]
    others = dict(await old.connection.fetch(OTHERS))
    assert await rows(
        database,
        "SELECT status, count(*) AS number FROM payments WHERE status <> 'SUCCEEDED' GROUP BY 1 ORDER BY 1",
    ) == [
        # One of two is the clean-up's.
        {"status": "CANCELED", "number": others["CANCELED"] // 2},
        {"status": "PENDING", "number": others["PENDING"] + others["CANCELED"] // 2},
    ]
    assert await value(database, "SELECT sum(amount) FROM refunds") == await old.connection.fetchval(
        "SELECT sum(amount) FROM refunds"
    )
    assert await value(database, "SELECT sum(photo_ai_requests) FROM daily_usage") == (
        await old.connection.fetchval("SELECT sum(photo_ai_requests) FROM daily_usage")
    )
    assert (
        await value(
            database, "SELECT count(*) FROM webhook_logs WHERE raw_payload::text ~ 'canary|first6|last4'"
        )
        == 0
    )


async def _the_damage_is_named(old: OldService, database: Database) -> None:
    async def of_kind(kind: int, *, off: bool = False) -> set[str]:
        found = await old.connection.fetch(
            "SELECT user_id::text FROM subscriptions WHERE user_id % 20 = $1 AND is_active <> $2", kind, off
        )
        return {row["user_id"] for row in found}

    differences = await listed(database)
    # Of two that were paid at one moment one month was lost; whose access is switched off has all days unused.
    assert differences["paid_beyond_end"] == await of_kind(15)
    assert differences["end_beyond_paid"] == await of_kind(16) | await of_kind(17)
    assert differences["switched_off"] == await of_kind(10, off=True)
    assert len(differences["asked_anew"]) == await value(
        database, "SELECT count(*) FROM payments WHERE status = 'PENDING'"
    )
    assert len(differences["partly_refunded"]) == len(await of_kind(18))
    assert not differences.keys() & {"access_differs", "payment_differs", "refund_differs"}
