"""Whoever follows a payment through the log finds all of it by our id, and by the provider's once that is known."""

from collections.abc import Iterator, MutableMapping
from typing import Any
from uuid import UUID

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import (
    LOSE_EVERY_ANSWER,
    LOSE_EVERY_NOTIFICATION,
    MONTH,
    as_sent,
    pass_time,
    walk_to_the_end,
)

Lines = list[MutableMapping[str, Any]]
NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Every line, with all that is bound where it is written."""
    with capture_logs(processors=[merge_contextvars]) as captured:
        yield captured


def named(lines: Lines, event: str) -> list[tuple[str, str | None]]:
    """The two ids of each such line, but for questions about no single payment."""
    return [
        (str(line.get("payment_id")), line.get("yookassa_payment_id"))
        for line in lines
        if line["event"] == event and line.get("operation") not in {"list_payments", "get_me"}
    ]


async def test_a_purchase_can_be_followed_by_either_id(
    api: MainBackend, office: BackOffice, services: Services, lines: Lines
) -> None:
    bought = await api.buy()
    both = (bought["payment_id"], bought["yookassa_payment_id"])
    await office.pay(bought)

    await work_off(services)

    assert named(lines, "payment.started") == [(both[0], None)]
    assert named(lines, "yookassa.called") == [both, both]
    assert named(lines, "webhook.received") == [both]
    assert named(lines, "payment.settled") == [both]
    assert named(lines, "payment.doubt_ended") == []


async def test_a_question_of_our_own_names_the_payment_also_when_nobody_answers(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, lines: Lines
) -> None:
    bought = await api.buy()
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500"}])
    lines.clear()

    await pass_time(clock, office, services, seconds=31)

    both = (bought["payment_id"], bought["yookassa_payment_id"])
    assert set(named(lines, "yookassa.repeated")) == {both}
    assert named(lines, "yookassa.called") == [both]
    assert named(lines, "payment.question_unanswered") == [both]


async def test_held_money_that_the_lists_find_is_named_at_every_step(
    api: MainBackend, office: BackOffice, services: Services, database: Database, lines: Lines
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH)
    payment_id = await value(database, "SELECT id FROM payments")
    in_two_stages = as_sent(payment_id).replace(b"true", b"false")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    held = await services.yookassa.create_payment(in_two_stages, idempotence_key="two-stage")
    await office.pay({"yookassa_payment_id": held.id})
    lines.clear()

    await walk_to_the_end(services)

    for event in ("payment.doubt_ended", "payment.held", "yookassa.called", "payment.settled"):
        assert set(named(lines, event)) == {(str(payment_id), held.id)}, event


async def test_one_line_says_that_a_lost_answer_was_found(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database, lines: Lines
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER)
    await api.post("create-payment/", MONTH)
    payment_id = str(await value(database, "SELECT id FROM payments"))
    assert named(lines, "payment.left_open") == [(payment_id, None)]
    await office.call("PUT", "/faults", [])

    await pass_time(clock, office, services, seconds=46)
    await pass_time(clock, office, services, seconds=46)

    (ended,) = [line for line in lines if line["event"] == "payment.doubt_ended"]
    (theirs,) = [payment["id"] for payment in await office.payments()]
    assert (str(ended["payment_id"]), ended["yookassa_payment_id"]) == (payment_id, theirs)
    assert (ended["exists"], ended["status"]) == (True, "PENDING")
    assert 46 <= ended["lasted_seconds"] < 76


async def test_one_line_says_that_a_payment_was_never_created(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, lines: Lines
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)

    for hours in (22, 1.02):
        await pass_time(clock, office, services, hours=hours)

    (ended,) = [line for line in lines if line["event"] == "payment.doubt_ended"]
    assert (ended["exists"], ended["status"]) == (False, "FAILED")


async def test_a_sender_that_died_leaves_a_doubt_whose_end_is_told(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database, lines: Lines
) -> None:
    bought = await api.buy()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE payments SET yookassa_payment_id = NULL, outcome_unknown = true, "
            "send_lease_until = billing_now() + interval '45 seconds'"
        )
    await office.pay(bought)
    while_it_may_live = len(named(lines, "payment.doubt_ended"))
    await clock.advance(seconds=46)

    await ask(services, PAYMENTS, UUID(bought["payment_id"]))

    assert while_it_may_live == 0
    assert named(lines, "payment.doubt_ended") == [(bought["payment_id"], bought["yookassa_payment_id"])]
