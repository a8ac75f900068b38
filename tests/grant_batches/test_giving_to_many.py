"""The same days for many: each user has one grant and one event, whoever is killed meanwhile; all can be taken back."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from billing_service.audit.service import Deed
from billing_service.grant_batches import service as grant_batches
from billing_service.grant_batches.queries import Audience
from billing_service.grant_batches.service import BatchRefused, Wish
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.forked import Forked
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.test_config import IN_TEST

WHO = ("--author", "owner", "--reason", "сбой 26 ноября")
BULK = ("grants", "bulk", "outage", "--plan", "PRO_MONTHLY", "--days", "2", *WHO)
REVOKE = ("grants", "bulk-revoke", "outage", "--author", "owner", "--reason", "по ошибке")
EACH = """
    SELECT m.user_id, (SELECT count(*) FROM grants g WHERE g.user_id = m.user_id) AS grants,
        (SELECT count(*) FROM outbox_events e WHERE e.user_id = m.user_id AND e.kind LIKE 'subscription.%') AS events
    FROM grant_batch_members m
"""


def listed(folder: Path, users: range) -> str:
    path = folder / "users"
    path.write_text("\n".join(map(str, users)))
    return str(path)


async def _killed_in_the_middle(
    services: Services, folder: Path, arguments: tuple[str, ...], at: int
) -> None:
    """Where it waits for a user whose money somebody holds."""
    holder = await asyncpg.connect(services.settings.database_url)
    await holder.execute("INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT DO NOTHING", at)
    streams = tuple(folder / name for name in ("typed", "answered", "told"))
    for path in streams:
        path.touch()
    told = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": services.settings.database_url,
        "REDIS_URL": services.settings.redis_url,
        "PATH": os.environ["PATH"],
    }
    async with holder.transaction():
        await holder.execute("SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE", at)
        process = Forked(arguments, IN_TEST | told, folder, (streams[0], streams[1], streams[2]))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(60):
            while not await holder.fetchval(waits):
                assert process.poll() is None, streams[1].read_text() + streams[2].read_text()
                await asyncio.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        assert await asyncio.to_thread(process.wait, 30) == -signal.SIGKILL
    await holder.close()


async def _given_and_taken_back_through_kills(
    services: Services, database: Database, folder: Path, users: int
) -> None:
    give = (*BULK, "--users", listed(folder, range(1, users + 1)), "--yes")
    await _killed_in_the_middle(services, folder, give, at=users // 2)
    half = await value(database, "SELECT count(*) FROM grants")
    assert half == users // 2 - 1

    code, said = await command(services, folder, *give)
    assert (code, f"{users - half} users got their days" in said) == (0, True), said
    code, again = await command(services, folder, *give)
    assert (code, "0 users got their days" in again) == (0, True), again
    each = await rows(database, EACH)
    assert len(each) == users
    assert {(one["grants"], one["events"]) for one in each} == {(1, 1)}

    await _killed_in_the_middle(services, folder, REVOKE, at=users // 2)
    code, said = await command(services, folder, *REVOKE)
    assert (code, f"of {users} in all" in said) == (0, True), said
    left = "SELECT count(*) FROM subscription_periods WHERE upper(span) > billing_now()"
    assert await value(database, left) == 0
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'grant.revoked'") == users


async def test_each_of_many_gets_them_once_though_it_is_killed_half_way(
    services: Services, database: Database, tmp_path: Path
) -> None:
    await _given_and_taken_back_through_kills(services, database, tmp_path, 200)


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_each_of_ten_thousand_gets_them_once(
    services: Services, database: Database, tmp_path: Path, rounds: int
) -> None:
    await _given_and_taken_back_through_kills(services, database, tmp_path, 50 * rounds)


async def test_a_dry_run_shows_list_and_sum_and_gives_nothing(
    services: Services, database: Database, tmp_path: Path
) -> None:
    code, said = await command(
        services, tmp_path, *BULK, "--users", listed(tmp_path, range(5, 8)), "--dry-run"
    )

    assert code == 0, said
    assert [line.split()[0] for line in said.splitlines()] == ["5", "6", "7", "3"]
    assert "2 days of PRO_MONTHLY for 3, 6 days in all" in said
    assert await value(database, "SELECT count(*) FROM grant_batches") == 0
    assert await value(database, "SELECT count(*) FROM grants") == 0


async def test_a_filter_finds_who_had_pro_at_an_instant_and_who_paid_for_it(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database, tmp_path: Path
) -> None:
    """And who came since the batch began is none of its members."""
    await office.pay(await api.buy())
    await work_off(services)
    await command(services, tmp_path, "grants", "give", "7", "PRO_MONTHLY", "3", *WHO)
    await clock.advance(minutes=5)
    then = await value(
        database, "SELECT to_char(billing_now() AT TIME ZONE 'Europe/Moscow', 'YYYY-MM-DD\"T\"HH24:MI')"
    )
    await clock.advance(days=4)
    await command(services, tmp_path, "grants", "give", "8", "PRO_MONTHLY", "3", *WHO)

    async def chosen(*arguments: str) -> list[str]:
        code, said = await command(services, tmp_path, *BULK, *arguments, "--dry-run")
        assert code == 0, said
        return [line.split()[0] for line in said.splitlines()[:-1]]

    assert await chosen("--filter", "pro") == ["8", str(USER)]
    assert await chosen("--filter", "pro", "--at", then) == ["7", str(USER)]
    assert await chosen("--filter", "paid") == [str(USER)]

    code, said = await command(services, tmp_path, *BULK, "--filter", "pro", says="y\n")
    assert (code, "2 users got their days" in said) == (0, True), said
    await command(services, tmp_path, "grants", "give", "9", "PRO_MONTHLY", "3", *WHO)
    code, said = await command(services, tmp_path, *BULK, "--filter", "pro", "--yes")
    assert (code, "2 users, 2 have them" in said, "0 users got" in said) == (0, True, True), said


async def test_another_wish_under_its_name_is_refused_and_so_is_one_that_was_taken_back(
    services: Services, database: Database, tmp_path: Path
) -> None:
    users = ("--users", listed(tmp_path, range(1, 3)), "--yes")
    assert (await command(services, tmp_path, *BULK, *users))[0] == 0

    other = [one if one != "2" else "5" for one in BULK]
    code, said = await command(services, tmp_path, *other, *users)
    assert (code, "batch outage is another one: 2 days" in said) == (1, True), said
    code, said = await command(services, tmp_path, *BULK, "--users", listed(tmp_path, range(1, 4)), "--yes")
    assert (code, "is another one" in said) == (1, True), said

    await command(services, tmp_path, *REVOKE)
    code, said = await command(services, tmp_path, *BULK, "--users", listed(tmp_path, range(1, 3)), "--yes")
    assert (code, "was taken back" in said) == (1, True), said
    assert await value(database, "SELECT count(*) FROM grants") == 2
    assert await rows(
        database, "SELECT action FROM audit_log WHERE action LIKE 'grant_batch.%' ORDER BY id"
    ) == [
        {"action": "grant_batch.begun"},
        {"action": "grant_batch.revoked"},
    ]


async def test_whom_must_be_said(services: Services, tmp_path: Path) -> None:
    for arguments in ((), ("--filter", "pro", "--users", listed(tmp_path, range(1, 3)))):
        code, said = await command(services, tmp_path, *BULK, *arguments)
        assert (code, "say whom" in said) == (1, True), said
    (tmp_path / "users").write_text("12\nme\n")
    code, said = await command(services, tmp_path, *BULK, "--users", str(tmp_path / "users"))
    assert (code, "and not me" in said) == (1, True), said


async def test_whoever_takes_it_back_meanwhile_leaves_nobody_with_days(
    services: Services, database: Database
) -> None:
    deed = Deed("cli", "owner", "сбой", "")
    wish = Wish("outage", Audience("two", user_ids=(1, 2)), "PRO_MONTHLY", 2)
    giving = grant_batches.give(services, await grant_batches.begin(services, wish, deed), deed)
    await anext(giving)

    assert len([one async for one in grant_batches.revoke(services, "outage", deed)]) == 1

    with pytest.raises(BatchRefused, match="was taken back"):
        await anext(giving)
    assert await value(database, "SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0
