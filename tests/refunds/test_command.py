"""`billing-service refund`: what is shown before it acts, that it asks, and that one key is one refund."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer
from typer.testing import CliRunner, Result

from billing_service.kit.commands import refused
from billing_service.kit.db import Database
from billing_service.kit.errors import BillingError
from billing_service.receipts import shop
from billing_service.refunds.commands import add_to
from billing_service.services import Services, Verb
from tests.command import command
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, MainBackend, buy_and_pay, work_off

WHO = ("--author", "owner", "--reason", "сбой 4711")
COUNT = "SELECT count(*) FROM refunds"


@pytest.fixture
async def paid(api: MainBackend, office: BackOffice, services: Services) -> str:
    return str((await buy_and_pay(api, office, services))["payment_id"])


async def refund(services: Services, *arguments: str, says: str = "") -> Result:
    """The command on the services of this test, so that it meets the test's own provider."""
    loop, app = asyncio.get_running_loop(), typer.Typer()

    def run(verb: Verb) -> None:
        act: Coroutine[Any, Any, None] = verb(services)  # type: ignore[assignment]
        try:
            asyncio.run_coroutine_threadsafe(act, loop).result(30)
        except BillingError as error:
            refused(error)

    add_to(app, run)
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*arguments, *WHO], input=says))


def outcome(ran: Result) -> str:
    """What the command says in the end; the provider's notification may come, and be logged, a moment later."""
    [said] = [line for line in ran.output.splitlines() if line.startswith("refund ")]
    return said


async def test_nothing_goes_back_before_a_person_who_has_seen_what_will_says_yes(
    services: Services, database: Database, paid: str
) -> None:
    refused = await refund(services, paid, "--amount", "100.00", says="n\n")

    assert f"user {USER} paid 299.00 RUB for EatFit24: PRO месяц; 0.00 went back" in refused.output
    assert "100.00 RUB will go back, and then of the access: keep" in refused.output
    assert (refused.exit_code, await value(database, COUNT)) == (1, 0)

    agreed = await refund(services, paid, "--amount", "100.00", says="y\n")

    assert agreed.exit_code == 0, agreed.output
    assert "succeeded, 100.00 RUB" in agreed.output
    assert await rows(database, "SELECT caller, author, reason, amount::text FROM refunds") == [
        {"caller": "cli", "author": "owner", "reason": "сбой 4711", "amount": "100.00"}
    ]


async def test_the_key_that_was_printed_repeats_the_same_refund(
    services: Services, database: Database, paid: str
) -> None:
    first = await refund(services, paid, "--yes", "--amount", "100.00")
    key = first.output.split("--key ")[1].split()[0]

    again = await refund(services, paid, "--yes", "--amount", "100.00", "--key", key)
    other = await refund(services, paid, "--yes", "--amount", "50.00", "--key", key)

    assert outcome(again) == outcome(first)
    assert (other.exit_code, "IDEMPOTENCY_KEY_REUSED" in other.output) == (1, True)
    assert await value(database, COUNT) == 1


async def test_all_that_is_left_goes_back_when_no_sum_is_named_and_takes_the_access(
    api: MainBackend, services: Services, paid: str
) -> None:
    ended = await refund(services, paid, "--yes")

    assert "299.00 RUB will go back, and then of the access: cut_all" in ended.output
    assert (await api.me())["plan_code"] == "FREE"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--amount", "300.00"), "REFUND_TOO_LARGE"),
        (("--amount", "100.00", "--access", "cut_all"), "ACCESS_EXCEEDS_REFUND"),
        (("--amount", "a hundred"), "--amount: "),
        (("--amount", "100", "--receipt-email", "payer"), "--receipt-email: "),
        (("--amount", "0"), "there is nothing to send back"),
    ],
)
async def test_what_cannot_be_is_said_in_a_line_and_sends_nothing(
    services: Services, database: Database, paid: str, arguments: tuple[str, ...], said: str
) -> None:
    refused = await refund(services, paid, "--yes", *arguments)

    assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    assert await value(database, COUNT) == 0


async def test_the_real_command_knows_the_payments_of_its_installation(
    services: Services, tmp_path: Path
) -> None:
    code, said = await command(services, tmp_path, "refund", str(uuid4()), "--yes", *WHO)

    assert (code, said.startswith("PAYMENT_NOT_FOUND: ")) == (1, True), said


async def test_the_receipt_of_a_part_goes_where_the_operator_says(
    services: Services, office: BackOffice, paid: str
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)

    sent = await refund(services, paid, "--yes", "--amount", "100", "--receipt-email", "Payer@example.ru")

    assert sent.exit_code == 0, sent.output
    [asked] = await office.creations("create_refund")
    assert asked["body"]["receipt"]["customer"] == {"email": "Payer@example.ru"}


async def test_after_the_provider_gave_up_a_new_key_tries_again_and_nothing_does_by_itself(
    office: BackOffice, services: Services, database: Database, paid: str
) -> None:
    """https://yookassa.ru/developers/payment-acceptance/after-the-payment/refunds: the bank did not answer in time."""
    gave_up = {"operation": "create_refund", "fault": "decline", "reason": "rejected_by_timeout", "count": 1}
    await office.call("PUT", "/faults", [gave_up])

    first = await refund(services, paid, "--yes")
    await work_off(services)

    assert "canceled (rejected_by_timeout)" in first.output
    assert len(await office.creations("create_refund")) == 1
    again = await refund(services, paid, "--yes")
    assert again.output.splitlines()[-1].endswith("succeeded, 299.00 RUB")
    assert await rows(database, "SELECT status FROM refunds ORDER BY created_at") == [
        {"status": "CANCELED"},
        {"status": "SUCCEEDED"},
    ]
