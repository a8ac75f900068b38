"""The same days for many: each user has one grant and one event, whoever is killed meanwhile; all can be taken back."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from billing_service.audit.service import Deed
from billing_service.grant_batches import service as grant_batches
from billing_service.grant_batches.queries import Audience
from billing_service.grant_batches.service import Wish
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.web.errors.operators import GrantBatchRevoked
from tests.command import command
from tests.forked import Forked
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.test_config import IN_TEST

WHO = ("--author", "owner", "--reason", "сбой 26 ноября")
BULK = ("grants", "bulk", "outage", "--plan", "PRO_MONTHLY", "--days", "2", *WHO)
REVOKE = ("grants", "bulk-revoke", "outage", "--author", "owner", "--reason", "по ошибке")
EACH = """
    SELECT given.grants, told.events, count(*) AS users FROM grant_batch_members
    LEFT JOIN (SELECT user_id, count(*) AS grants FROM grants GROUP BY user_id) given USING (user_id)
    LEFT JOIN (
        SELECT user_id, count(*) AS events FROM outbox_events WHERE kind LIKE 'subscription.%' GROUP BY user_id
    ) told USING (user_id)
    GROUP BY 1, 2
"""


def listed(folder: Path, users: range) -> str:
    path = folder / "users"
    path.write_text("\n".join(map(str, users)))
    return str(path)


def _started(
    services: Services, folder: Path, arguments: tuple[str, ...]
) -> tuple[Forked, Callable[[], str]]:
    """The command in a process of its own, and what it has said so far."""
    typed, said = folder / "typed", folder / "said"
    typed.touch()
    said.write_text("")
    told = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": services.settings.database_url,
        "REDIS_URL": services.settings.redis_url,
        "PATH": os.environ["PATH"],
    }
    return Forked(arguments, IN_TEST | told, folder, (typed, said, said)), said.read_text


async def _ended(services: Services, folder: Path, arguments: tuple[str, ...]) -> str:
    """All that it said; it must have ended well."""
    process, said = _started(services, folder, arguments)
    assert await asyncio.to_thread(process.wait, 600) == 0, said()
    return said()


async def _killed_in_the_middle(
    services: Services, folder: Path, arguments: tuple[str, ...], at: int
) -> None:
    """Where it waits for a user whose money somebody holds."""
    holder = await asyncpg.connect(services.settings.database_url)
    await holder.execute("INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT DO NOTHING", at)
    async with holder.transaction():
        await holder.execute("SELECT FROM subscriptions WHERE user_id = $1 FOR UPDATE", at)
        process, said = _started(services, folder, arguments)
        async with asyncio.timeout(600):
            while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert process.poll() is None, said()
                await asyncio.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        assert await asyncio.to_thread(process.wait, 30) == -signal.SIGKILL
    await holder.close()


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_each_of_many_gets_them_once_and_gives_them_back_though_both_are_killed_half_way(
    services: Services, database: Database, tmp_path: Path, rounds: int
) -> None:
    """Two hundred in every run, ten thousand with `make proofs`."""
    users = 10 * rounds if rounds <= 20 else 50 * rounds
    give = (*BULK, "--users", listed(tmp_path, range(1, users + 1)), "--yes")
    await _killed_in_the_middle(services, tmp_path, give, at=users // 2)
    half = await value(database, "SELECT count(*) FROM grants")
    assert half == users // 2 - 1

    assert f"{users - half} users got their days" in await _ended(services, tmp_path, give)
    assert "0 users got their days" in await _ended(services, tmp_path, give)
    assert await rows(database, EACH) == [{"grants": 1, "events": 1, "users": users}]

    await _killed_in_the_middle(services, tmp_path, REVOKE, at=users // 2)
    assert f"of {users} in all" in await _ended(services, tmp_path, REVOKE)
    left = "SELECT count(*) FROM subscription_periods WHERE upper(span) > billing_now()"
    assert await value(database, left) == 0
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'grant.revoked'") == users


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
    assert (code, "GRANT_BATCH_DIFFERS" in said, "'days': 2" in said) == (1, True, True), said
    code, said = await command(services, tmp_path, *BULK, "--users", listed(tmp_path, range(1, 4)), "--yes")
    assert (code, "GRANT_BATCH_DIFFERS" in said) == (1, True), said

    await command(services, tmp_path, *REVOKE)
    code, said = await command(services, tmp_path, *BULK, "--users", listed(tmp_path, range(1, 3)), "--yes")
    assert (code, "GRANT_BATCH_REVOKED" in said) == (1, True), said
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
    batch = await grant_batches.begin(services, wish, deed)
    giving = grant_batches.give(services, batch, deed)
    await anext(giving)

    assert len([one async for one in grant_batches.revoke(services, batch, deed)]) == 1

    with pytest.raises(GrantBatchRevoked):
        await anext(giving)
    assert await value(database, "SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0


async def test_who_goes_on_with_a_batch_that_another_caller_gives_doubles_nothing(
    services: Services, database: Database
) -> None:
    by_command, by_panel = (Deed(caller, "owner", "сбой", "") for caller in ("cli", "panel"))
    wish = Wish("outage", Audience("three", user_ids=(1, 2, 3)), "PRO_MONTHLY", 2)
    batch = await grant_batches.begin(services, wish, by_command)
    first = grant_batches.give(services, batch, by_command)
    await anext(first)
    second = grant_batches.give(services, await grant_batches.begin(services, wish, by_panel), by_panel)
    given = [await anext(second)]
    given += [grant_id async for grant_id in first]

    again = [grant_id async for grant_id in second]

    assert await value(database, "SELECT count(*) FROM grants") == 3
    assert set(again) <= set(given)
