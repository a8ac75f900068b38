"""`billing-service webhooks`: what is said, and what is done, by the real command."""

from pathlib import Path

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value
from tests.stage import work_off

A_ROW = """
    INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload, status)
    VALUES ('payment.succeeded:30f5d918:succeeded', 'payment.succeeded', '30f5d918', '', '127.0.0.1', '{}', 'GIVEN_UP')
    RETURNING id
"""
BY_SUPPORT = ("--author", "support", "--reason", "a forgery")


@pytest.fixture
async def log_id(database: Database) -> str:
    """A notification that was given up."""
    async with database.engine.begin() as connection:
        return str((await connection.exec_driver_sql(A_ROW)).scalar_one())


async def webhooks(services: Services, folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    return await command(services, folder, "webhooks", *arguments)


async def test_a_replay_enqueues_a_look_and_a_close_ends_it_both_audited(
    services: Services, database: Database, tmp_path: Path, log_id: str
) -> None:
    replayed = await webhooks(services, tmp_path, "replay", log_id, *BY_SUPPORT)
    waiting = await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'")
    closed = await webhooks(services, tmp_path, "close", log_id, *BY_SUPPORT)
    await work_off(services)

    assert replayed == (0, f"notification {log_id} will be looked at by the next free worker\n")
    assert waiting == 1
    assert closed == (0, f"notification {log_id} is closed\n")
    assert await rows(database, "SELECT status, looks FROM webhook_logs") == [
        {"status": "CLOSED", "looks": 0}
    ]
    assert await rows(database, "SELECT action, caller, author, reason FROM audit_log ORDER BY id") == [
        {"action": f"webhook.{deed}", "caller": "cli", "author": "support", "reason": "a forgery"}
        for deed in ("replayed", "closed")
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("replay", "4711", *BY_SUPPORT), "there is no such notification"),
        (("close", "1", "--author", "support", "--reason", "  "), "--author and --reason must say something"),
        (("close", "1", "--author", "support"), "Missing option '--reason'"),
        (("close", "0", *BY_SUPPORT), "Invalid value for 'log_id'"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    services: Services,
    database: Database,
    tmp_path: Path,
    log_id: str,
    arguments: tuple[str, ...],
    complaint: str,
) -> None:
    code, complained = await webhooks(services, tmp_path, *arguments)

    assert code != 0
    assert complaint in complained
    assert "Traceback" not in complained
    assert (
        await value(database, "SELECT status FROM webhook_logs WHERE id = :id", id=int(log_id)) == "GIVEN_UP"
    )
    assert await value(database, "SELECT count(*) FROM audit_log") == 0
