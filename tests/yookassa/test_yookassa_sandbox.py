"""The client against the whole pretend provider, in this process: the same bytes, without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from billing_service.sandbox.app import Sandbox
from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.errors import NotFound, OutcomeUnknown, Rejected, Unauthorized
from billing_service.yookassa.request_bodies import new_payment_body
from tests.stage import BackOffice, in_process

BODY = new_payment_body(
    amount=Decimal("299.00"),
    currency="RUB",
    description="PRO месяц",
    return_url="https://app.eatfit24.ru/subscription",
    metadata={"payment_id": "7"},
)


@pytest.fixture
def sandbox() -> Sandbox:
    """It is not started: nobody listens to notifications here, and everything else happens within a call."""
    return Sandbox(notify_url=None)


@asynccontextmanager
async def a_shop(
    sandbox: Sandbox, key: str = "test_sandbox"
) -> AsyncIterator[tuple[YookassaClient, BackOffice]]:
    yookassa = YookassaClient(
        shop_id="100500",
        secret_key=key,
        api_url="http://sandbox/v3",
        transport=in_process(sandbox.app),
        waits=(0.0, 0.0),
    )
    async with yookassa, BackOffice.of(sandbox) as office:
        yield yookassa, office


async def break_next(office: BackOffice, fault: str, count: int = 1) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": fault, "count": count}])


async def test_a_payment_is_created_paid_and_seen_as_paid(sandbox: Sandbox) -> None:
    async with a_shop(sandbox) as (yookassa, office):
        created = await yookassa.create_payment(BODY, idempotence_key="first")
        await office.call("POST", f"/payments/{created.id}/pay", {})
        paid = await yookassa.get_payment(created.id)

    assert (created.status, created.paid) == ("pending", False)
    assert created.confirmation_url is not None
    assert (paid.status, paid.paid, paid.amount.value) == ("succeeded", True, Decimal("299.00"))
    assert (paid.account_id, paid.test, paid.metadata) == ("100500", True, {"payment_id": "7"})
    assert paid.captured_at is not None


async def test_a_declined_payment_says_why(sandbox: Sandbox) -> None:
    async with a_shop(sandbox) as (yookassa, office):
        created = await yookassa.create_payment(BODY, idempotence_key="first")
        await office.call("POST", f"/payments/{created.id}/decline", {"reason": "insufficient_funds"})
        declined = await yookassa.get_payment(created.id)

    assert (declined.status, declined.cancellation_reason) == ("canceled", "insufficient_funds")


async def test_the_same_key_and_bytes_are_one_payment(sandbox: Sandbox) -> None:
    async with a_shop(sandbox) as (yookassa, office):
        first = await yookassa.create_payment(BODY, idempotence_key="first")
        second = await yookassa.create_payment(BODY, idempotence_key="first")

        assert first.id == second.id
        assert len(await office.payments()) == 1


async def test_the_same_key_with_other_bytes_is_refused(sandbox: Sandbox) -> None:
    async with a_shop(sandbox) as (yookassa, _):
        await yookassa.create_payment(BODY, idempotence_key="first")
        with pytest.raises(Rejected) as refused:
            await yookassa.create_payment(BODY.replace(b"299", b"199"), idempotence_key="first")

    assert refused.value.parameter == "Idempotence-Key"


@pytest.mark.parametrize("fault", ["lost_before", "lost_after", "drop", "error_500", "html_502", "too_many"])
async def test_a_broken_answer_costs_a_repeat_and_never_a_second_payment(
    sandbox: Sandbox, fault: str
) -> None:
    async with a_shop(sandbox) as (yookassa, office):
        await break_next(office, fault)
        payment = await yookassa.create_payment(BODY, idempotence_key="first")

        assert payment.status == "pending"
        assert len(await office.payments()) == 1


async def test_answers_lost_again_and_again_leave_a_doubt_that_the_same_key_resolves(
    sandbox: Sandbox,
) -> None:
    async with a_shop(sandbox) as (yookassa, office):
        await break_next(office, "lost_after", count=3)
        with pytest.raises(OutcomeUnknown):
            await yookassa.create_payment(BODY, idempotence_key="first")
        await yookassa.create_payment(BODY, idempotence_key="first")

        assert len(await office.payments()) == 1


async def test_a_payment_nobody_made_is_not_found(sandbox: Sandbox) -> None:
    async with a_shop(sandbox) as (yookassa, _):
        with pytest.raises(NotFound):
            await yookassa.get_payment("30f5d918-000f-5000-8000-18db351245c7")


async def test_a_wrong_key_is_told_apart(sandbox: Sandbox) -> None:
    async with a_shop(sandbox, key="test_of-another-shop") as (yookassa, _):
        with pytest.raises(Unauthorized):
            await yookassa.get_payment("30f5d918-000f-5000-8000-18db351245c7")
