"""An alarm about a thing is raised once, and again only when something about it has changed."""

import asyncio

import pytest
from structlog.testing import capture_logs

from billing_service.alarms.service import raise_once
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.observability.metrics import REGISTRY
from tests.ledger import rows, value
from tests.stage import Clock

KIND = Alarm.UNMATCHED_OBJECT


class Interrupted(Exception):
    """The transaction ends here."""


async def meet(statements: StatementPool, subject: object, **facts: object) -> None:
    async with statements.transaction() as tx:
        await raise_once(tx, KIND, subject, yookassa_payment_id=subject, **facts)


def raised() -> float:
    return REGISTRY.get_sample_value("billing_alarms_total", {"kind": KIND.value}) or 0


async def test_the_same_facts_are_told_once_however_often_they_are_met(
    database: Database, statements: StatementPool, clock: Clock
) -> None:
    before = raised()
    with capture_logs() as lines:
        for _ in range(5):
            await meet(statements, "one", status="pending")
            await clock.advance(minutes=1)

    assert [line["yookassa_payment_id"] for line in lines] == ["one"]
    assert raised() == before + 1
    (row,) = await rows(
        database,
        "SELECT times, facts, first_at = changed_at AS never_changed, last_at - first_at AS age FROM alarms",
    )
    assert (row["times"], row["facts"]["status"], row["never_changed"]) == (5, "pending", True)
    assert row["age"].total_seconds() >= 240


async def test_what_has_changed_is_told_again_once(statements: StatementPool) -> None:
    with capture_logs() as lines:
        for status in ("pending", "pending", "succeeded", "succeeded", "pending"):
            await meet(statements, "one", status=status)

    assert [line["status"] for line in lines] == ["pending", "succeeded", "pending"]


async def test_each_thing_and_each_kind_is_told_of_by_itself(statements: StatementPool) -> None:
    with capture_logs() as lines:
        for subject in ("one", "two", "one"):
            await meet(statements, subject)
        async with statements.transaction() as tx:
            await raise_once(tx, Alarm.HELD_PAYMENT, "one")

    assert [line["kind"] for line in lines] == ["unmatched_object", "unmatched_object", "held_payment"]


async def test_an_error_id_is_told_but_is_no_change(statements: StatementPool) -> None:
    with capture_logs() as lines:
        for error_id in ("a", "b"):
            await meet(statements, "one", error_id=error_id)

    assert [line["error_id"] for line in lines] == ["a"]


async def test_of_many_who_meet_it_at_once_one_tells(database: Database, statements: StatementPool) -> None:
    with capture_logs() as lines:
        await asyncio.gather(*(meet(statements, "one", status="pending") for _ in range(20)))

    assert len(lines) == 1
    assert await value(database, "SELECT times FROM alarms") == 20


async def test_what_is_undone_was_not_told_and_is_told_the_next_time(statements: StatementPool) -> None:
    async def interrupted() -> None:
        async with statements.transaction() as tx:
            await raise_once(tx, KIND, "one", yookassa_payment_id="one")
            raise Interrupted

    with capture_logs() as lines:
        with pytest.raises(Interrupted):
            await interrupted()
        told_by_then = len(lines)
        await meet(statements, "one")

    assert (told_by_then, len(lines)) == (0, 1)
