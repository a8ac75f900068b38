"""The lists decide about what can no longer be posted, and only once they prove something."""

import asyncio
from uuid import UUID

import pytest

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.provider_calls.kinds import record
from billing_service.provider_calls.sending import send
from billing_service.services import Services
from tests.gates import behind_a_gate
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend
from tests.stories.silence import (
    LOSE_EVERY_ANSWER,
    LOSE_EVERY_NOTIFICATION,
    MONTH,
    as_sent,
    pass_time,
    states,
)

NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]


@pytest.fixture
async def never_arrived(api: MainBackend, office: BackOffice, database: Database) -> UUID:
    """A payment of ours in doubt, of which the provider has heard nothing."""
    await office.call("PUT", "/faults", NOTHING_ARRIVES)
    await api.post("create-payment/", MONTH)
    payment_id: UUID = await value(database, "SELECT id FROM payments")
    return payment_id


@pytest.mark.usefixtures("never_arrived")
async def test_a_repeat_five_hours_later_that_created_it_and_lost_its_answer_is_found_in_the_lists(
    office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await pass_time(clock, office, services, hours=5)
    await office.pay({"yookassa_payment_id": (await office.payments())[0]["id"]})

    await pass_time(clock, office, services, hours=15, minutes=1)

    assert await states(database) == ["SUCCEEDED"]
    assert await days_granted(database, USER) == 30


async def test_a_payment_made_while_our_clock_was_ahead_of_theirs_is_found_in_the_lists(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await clock.advance(minutes=9)
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH)
    await office.pay({"yookassa_payment_id": (await office.payments())[0]["id"]})

    await pass_time(clock, office, services, hours=20, minutes=1)

    assert await states(database) == ["SUCCEEDED"]


async def test_two_questions_in_a_row_prove_no_absence(
    never_arrived: UUID, services: Services, database: Database, clock: Clock
) -> None:
    await clock.advance(hours=22)

    for _ in range(2):
        await ask(services, PAYMENTS, never_arrived)

    assert await rows(database, "SELECT status, absent_since IS NULL AS never_missed FROM payments") == [
        {"status": "PENDING", "never_missed": False}
    ]


async def test_a_pass_before_the_window_is_over_proves_no_absence(
    never_arrived: UUID, services: Services, database: Database, clock: Clock
) -> None:
    """What was sent a minute ago may be created this very moment."""
    await clock.advance(hours=19, minutes=59)
    await send(services, PAYMENTS, never_arrived)
    await clock.advance(minutes=2)

    await ask(services, PAYMENTS, never_arrived)

    assert await rows(database, "SELECT status, absent_since FROM payments") == [
        {"status": "PENDING", "absent_since": None}
    ]


async def test_a_payment_that_is_settled_while_the_lists_are_read_is_not_missed(
    never_arrived: UUID, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await clock.advance(hours=22)
    await ask(services, PAYMENTS, never_arrived)
    await clock.advance(hours=1, minutes=1)

    async with behind_a_gate(services, office) as (asking, pages):
        second_pass = asyncio.create_task(ask(asking, PAYMENTS, never_arrived))
        await pages.reached.wait()
        await office.call("PUT", "/faults", [])
        late = await services.yookassa.create_payment(as_sent(never_arrived), idempotence_key="late")
        await record(services, PAYMENTS, never_arrived, late)
        pages.opened.set()
        await second_pass

    assert await rows(database, "SELECT status, yookassa_payment_id FROM payments") == [
        {"status": "PENDING", "yookassa_payment_id": late.id}
    ]
