"""`billing-service admin …`, by the real command."""

import subprocess
import sys
from pathlib import Path

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.admin.visitor import PASSWORD, Person, with_panel
from tests.command import command
from tests.ledger import rows

# What a process of the API has loaded once it could serve.
LOADED = """
import sys
from billing_service import cli
from billing_service.app import create_app
from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings
for panel in (False, True):
    create_app(Settings(_env_file=None, billing_env="dev", database_url="postgresql://nowhere/x", admin_enabled=panel,
        redis_url="redis://nowhere", yookassa_shop_id_test=SANDBOX_SHOP_ID, yookassa_api_key_test=SANDBOX_API_KEY))
    print(sorted(name for name in sys.modules if name.startswith(("billing_service.admin", "argon2"))))
"""


async def admin(services: Services, folder: Path, *arguments: str, says: str = "") -> tuple[int, str]:
    return await command(services, folder, "admin", *arguments, says=says, only_answers=True)


async def test_somebody_is_let_in_gets_another_password_and_is_sent_away(
    services: Services, tmp_path: Path, database: Database
) -> None:
    added = await admin(services, tmp_path, "add-user", "anna", "--role", "finance", says=f"{PASSWORD}\n")
    async with Person.at(with_panel(services)) as anna:
        first = (await anna.sign_in("anna")).status_code
        changed = await admin(services, tmp_path, "set-password", "anna", says="another horse battery\n")
        second = (
            (await anna.sign_in("anna")).status_code,
            (await anna.sign_in("anna", "another horse battery")).status_code,
        )
        disabled = await admin(services, tmp_path, "disable", "anna", "--author", "boss", "--reason", "ушла")
        out = (await anna.open("/payments")).status_code

    assert added == (0, "anna may come in as finance\n")
    assert (first, changed[0], second, disabled[0], out) == (303, 0, (401, 303), 0, 303)
    listed = (await admin(services, tmp_path, "list"))[1]
    assert listed.startswith("anna ")
    assert "finance  disabled" in listed
    written = await rows(database, "SELECT action, author, reason, details FROM audit_log ORDER BY id")
    assert [one["action"] for one in written] == ["staff.added", "staff.password_set", "staff.disabled"]
    assert (written[2]["author"], written[2]["reason"]) == ("boss", "ушла")
    assert "battery" not in str(written)


async def test_what_cannot_be_is_said_in_one_line(services: Services, tmp_path: Path) -> None:
    async def refused(*arguments: str, says: str = "") -> tuple[int, str]:
        return await command(services, tmp_path, "admin", *arguments, says=says)

    await admin(services, tmp_path, "add-user", "boss", "--role", "owner", "--without-password")
    refusals = [
        await refused("add-user", "boss", "--role", "owner", "--without-password"),
        await refused("add-user", "anna", "--role", "support", says="short\n"),
        await refused("disable", "nobody"),
        await refused("set-role", "boss", "--role", "support"),
        await refused("add-user", "anna", "--role", "owner", "--without-password", "--author", " "),
    ]

    assert refusals == [
        (1, "there is an account of this name\n"),
        (1, "a password has 12 to 256 characters\n"),
        (1, "there is no account of this name\n"),
        (1, "the last owner stays: make somebody else one first\n"),
        (1, "--author and --reason must say something\n"),
    ]
    assert "by proxy only" in (await admin(services, tmp_path, "list"))[1]


def test_a_process_without_the_panel_loads_nothing_of_it() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    off, on = run.stdout.splitlines()

    assert off == "[]"
    assert "billing_service.admin.site" in on
    assert "argon2" not in on
