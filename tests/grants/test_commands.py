"""`billing-service grants`: days by hand from the command line are the same grants, and once a key."""

from pathlib import Path

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.ledger import days_granted, rows
from tests.stage import USER, MainBackend

WHO = ("--author", "support", "--reason", "сбой 4711")
GIVE = ("grants", "give", str(USER), "PRO_MONTHLY", "3", *WHO)


async def test_days_are_given_once_a_key_listed_and_taken_back(
    api: MainBackend, services: Services, database: Database, tmp_path: Path
) -> None:
    code, said = await command(services, tmp_path, *GIVE)
    assert (code, (await api.me())["plan_code"]) == (0, "PRO_MONTHLY"), said
    key, grant_id = said.split("--key ")[1].split()[0], said.splitlines()[-1].split()[0]

    _, again = await command(services, tmp_path, *GIVE, "--key", key)
    _, listed = await command(services, tmp_path, "grants", "list", str(USER))
    assert again.splitlines()[-1] == said.splitlines()[-1] == listed.strip()
    assert await days_granted(database, USER) == 3

    code, said = await command(services, tmp_path, "grants", "revoke", grant_id, *WHO)
    assert (code, (await api.me())["plan_code"]) == (0, "FREE"), said
    assert "taken back by support: сбой 4711" in said
    assert await rows(database, "SELECT action, caller, author FROM audit_log ORDER BY id") == [
        {"action": "grant.given", "caller": "cli", "author": "support"},
        {"action": "grant.revoked", "caller": "cli", "author": "support"},
    ]


async def test_what_cannot_be_given_is_said_in_a_line(services: Services, tmp_path: Path) -> None:
    code, said = await command(services, tmp_path, "grants", "give", str(USER), "GOLD", "3", *WHO)

    assert (code, said.splitlines()[-1].startswith("PLAN_NOT_FOUND: ")) == (1, True), said


async def test_standard_output_holds_what_was_asked_for_and_no_log(
    services: Services, tmp_path: Path
) -> None:
    code, answered = await command(services, tmp_path, *GIVE, only_answers=True)

    assert code == 0
    assert len(answered.splitlines()) == 2, answered
    assert "grant.given" not in answered
