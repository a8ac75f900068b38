"""Both services are asked the same, and what they answer otherwise is told, with its reason where there is one."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.legacy.comparing import (
    Asked,
    Difference,
    Unreadable,
    compare,
    differing,
    own_token,
    read_headers,
    read_users,
    sample,
)
from billing_service.services import Services
from tests.command import command
from tests.legacy.answering import answering
from tests.legacy.conftest import Move
from tests.legacy.old import NOW, OldService, days
from tests.stage import MainBackend, in_process

HEADERS = {"X-Telegram-Id": "{user}"}


async def compared(services: Services, old: OldService, *users: int) -> list[Difference]:
    settings, token = own_token(services.settings)
    return [
        difference
        async for difference in compare(
            [Asked(user, str(user + 900_000)) for user in users],
            legacy_url="http://old",
            headers=HEADERS,
            app=create_app(settings, replace(services, settings=settings)),
            token=token,
            transport=in_process(answering(old)),
        )
    ]


async def test_whoever_moved_in_is_answered_as_before(
    services: Services, old: OldService, today: date, move: Move
) -> None:
    await old.user(1)
    await old.user(2, "PRO_MONTHLY", ends=NOW + days(20))
    await old.payment(2)
    await old.used(2, today, 5)
    await old.user(3, "PRO_YEARLY", ends=NOW + days(100), is_active=False)
    await old.user(4, "PRO_YEARLY", ends=NOW + days(100), card="pm-1")
    part = await old.payment(4, "PRO_YEARLY", status="REFUNDED")
    await old.refund(part, "1.00")
    cleaned = await old.payment(4, status="CANCELED")
    await move()

    found = await compared(services, old, 1, 2, 3, 4)

    assert {(one.user_id, one.field, one.there, one.here) for one in found} == {
        (4, "subscription/ autorenew_enabled", True, False),
        (4, f"payments/ results[{part}].status", "refunded", "succeeded"),
        (4, f"payments/ results[{cleaned}].status", "canceled", "pending"),
    }
    assert all(one.because for one in found)


async def test_what_nobody_can_explain_is_told_without_a_reason(
    services: Services, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=NOW + days(20))
    await move()
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '1 microsecond'")

    found = await compared(services, old, 1)

    assert [(one.field, one.because) for one in found] == [("me/ expires_at", "")]


async def test_some_are_asked_about_by_chance(services: Services, old: OldService, move: Move) -> None:
    for user in (1, 2, 3):
        await old.user(user)
    await move()

    async with services.statements.transaction() as tx:
        assert {one.user_id for one in await sample(tx, 10)} == {1, 2, 3}
        assert len(await sample(tx, 2)) == 2


async def test_nobody_is_drawn_whose_number_is_another_one_here(
    services: Services, old: OldService, move: Move, api: MainBackend
) -> None:
    for user in (1, 2, 3):
        await old.user(user)
    await move()
    moved = await api.internal("POST", "users/1/move-to/2/", {"author": "support", "reason": "один человек"})
    assert moved.status_code == 200, moved.text

    async with services.statements.transaction() as tx:
        assert {one.user_id for one in await sample(tx, 10)} == {3}


@pytest.mark.parametrize(
    ("there", "here", "told"),
    [
        ({"a": 1}, {"a": 1, "new": 2}, []),
        ({"a": "299.00"}, {"a": 299}, []),
        ({"at": "2026-01-01T00:00:00+00:00"}, {"at": "2026-01-01T03:00:00+03:00"}, []),
        ({"at": "2026-01-01T00:00:00Z"}, {"at": None}, [("at", "2026-01-01T00:00:00Z", None)]),
        ({"a": None}, {"a": 0}, [("a", None, 0)]),
        ({"a": True}, {"a": 1}, []),
        (
            [{"id": 1, "a": 1}, {"id": 2}],
            [{"id": 2}, {"id": 3}],
            [("[1]", {"id": 1, "a": 1}, None), ("[3]", None, {"id": 3})],
        ),
    ],
)
def test_what_differs(there: object, here: object, told: list[tuple[str, object, object]]) -> None:
    assert list(differing(there, here)) == told


def test_files_of_the_operator_are_read_or_refused(tmp_path: Path) -> None:
    users, headers = tmp_path / "users", tmp_path / "headers"
    users.write_text("# ids\n7 abc\n8\n")
    headers.write_text("Authorization: Bearer a:b\nX-User: {user}\n")

    assert read_users(users) == [Asked(7, "abc"), Asked(8, "8")]
    assert read_headers(headers) == {"Authorization": "Bearer a:b", "X-User": "{user}"}
    users.write_text("seven\n")
    headers.write_text("nonsense\n")
    with pytest.raises(Unreadable, match="names no user"):
        read_users(users)
    with pytest.raises(Unreadable, match="Name: value"):
        read_headers(headers)


async def test_the_command_wants_to_know_whom_to_ask_about(services: Services, tmp_path: Path) -> None:
    code, said = await command(services, tmp_path, "legacy", "compare", "--legacy", "http://127.0.0.1:1")
    assert (code, "--users FILE or --sample N" in said) == (1, True)

    code, said = await command(services, tmp_path, "legacy", "compare", "--repair", "apply")
    assert (code, "--author and --reason" in said) == (1, True)

    (tmp_path / "users").write_text("1\n")
    asked = ("--users", str(tmp_path / "users"), "--legacy", "http://127.0.0.1:1")
    code, said = await command(services, tmp_path, "legacy", "compare", *asked)
    assert (code, "the old service did not answer: ConnectError" in said) == (1, True)

    code, said = await command(services, tmp_path, "legacy", "import", "--from", "postgresql://127.0.0.1:1/x")
    assert (code, "the old database: it cannot be opened" in said) == (1, True)
