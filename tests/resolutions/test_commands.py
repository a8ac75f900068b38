"""`billing-service payments`: what is asked, said and refused, by the real command."""

from pathlib import Path

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value

AN_ALARM = """
    INSERT INTO alarms (kind, subject, facts) VALUES
        ('unmatched_object', '30f5d918-000f-5000-8000-18db351245c7', '{"amount": "299.00 RUB", "status": "succeeded"}'),
        ('npd_limit_near', '2026: 80 %', '{}')
"""
SUBJECT = "30f5d918-000f-5000-8000-18db351245c7"
WHO = ("--author", "owner", "--reason", "сбой 4711")


@pytest.fixture(autouse=True)
async def alarm(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(AN_ALARM)


async def test_what_waits_for_a_person_is_listed_until_it_is_decided(
    services: Services, database: Database, tmp_path: Path
) -> None:
    async def payments(*arguments: str) -> tuple[int, str]:
        return await command(services, tmp_path, "payments", *arguments, only_answers=True)

    waits = await payments("unresolved")
    dismissed = await payments("resolve", SUBJECT, "--dismiss", *WHO)
    again = await payments("resolve", SUBJECT, "--dismiss", *WHO)
    nothing = await payments("unresolved")

    assert waits[1].endswith(f"UTC  {SUBJECT}  unmatched_object: amount 299.00 RUB, status succeeded\n"), (
        waits
    )
    assert dismissed == (0, "nothing was granted nor sent back\nno longer stands: unmatched_object\n")
    assert again == (0, "nothing was granted nor sent back\ndecided before by owner: сбой 4711\n")
    assert nothing == (0, "nothing waits for a person\n")
    assert await rows(database, "SELECT caller, author, reason FROM audit_log") == [
        {"caller": "cli", "author": "owner", "reason": "сбой 4711"}
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((SUBJECT, *WHO), "say one of --grant, --refund, --dismiss"),
        ((SUBJECT, "--grant", "--refund", *WHO), "say one of --grant, --refund, --dismiss"),
        ((SUBJECT, "--refund", *WHO), "Aborted"),
        (
            (SUBJECT, "--dismiss", "--author", " ", "--reason", "x"),
            "--author and --reason must say something",
        ),
        (("nothing", "--dismiss", *WHO), "no alarm stands about it, and no notification waits"),
    ],
)
async def test_what_cannot_be_decided_so_is_said_and_changes_nothing(
    services: Services, database: Database, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, answer = await command(services, tmp_path, "payments", "resolve", *arguments)

    assert (code, said in answer) == (1, True), answer
    assert await value(database, "SELECT count(*) FROM audit_log") == 0
    assert await value(database, "SELECT count(*) FROM alarms WHERE resolved_at IS NOT NULL") == 0
